/**
 * The processes of an app that run beside the first one (`FUNCTIONS_WORKER_PROCESS_COUNT`). Each is a host of its own on the same
 * hub; one that ends is started again, after pauses that grow, and the others go on. The first one is the supervisor's own
 * business: it says whether the app can run at all.
 */
import { Doze } from '../../base/doze.ts';
import { errorText } from '../../telemetry/log-events.ts';
import {
  abortHost,
  launchHost,
  replaceHost,
  type HostProcess,
  type HostProgram,
} from '../reload/host-process.ts';
import type { ToSupervisor } from '../reload/messages.ts';
import { endText, RestartPauses } from '../reload/restarts.ts';
import { forgetRuns } from '../reload/run-record.ts';
import type { SharedPort } from './shared-port.ts';

export interface FurtherProcessesOptions {
  readonly program: HostProgram;
  readonly port: SharedPort;
  readonly firstPauseMs: number;
  /** Says how a process ended. */
  readonly complain: (line: string) => void;
}

export interface NumberedProcess {
  /** From 2. */
  readonly number: number;
  readonly args: readonly string[];
  /** The file of its runs. */
  readonly runRecord: string;
}

export class FurtherProcesses {
  readonly #options: FurtherProcessesOptions;
  #running: readonly KeptProcess[] = [];

  constructor(options: FurtherProcessesOptions) {
    this.#options = options;
  }

  /** Nothing happens while they run. */
  start(processes: readonly NumberedProcess[]): void {
    if (this.#running.length > 0) return;
    this.#running = processes.map((process) => new KeptProcess(process, this.#options));
  }

  /** Has all of them finish what runs, and end. */
  async drain(): Promise<void> {
    await this.#end((host) => {
      host.tell({ kind: 'drain' });
    });
  }

  /** Ends all of them for others that follow. */
  async replace(): Promise<void> {
    const all = this.#running;
    await this.#end(replaceHost);
    for (const process of all) process.forgetRuns();
  }

  /** Ends all of them now. */
  async abort(): Promise<void> {
    await this.#end(abortHost);
  }

  async #end(how: (host: HostProcess) => Promise<void> | void): Promise<void> {
    const all = this.#running;
    await Promise.all(all.map((process) => process.end(how)));
    if (this.#running === all) this.#running = [];
  }
}

/** One of them through all its lives. */
class KeptProcess {
  readonly #process: NumberedProcess;
  readonly #options: FurtherProcessesOptions;
  readonly #pauses: RestartPauses;
  readonly #doze = new Doze();
  readonly #ended: Promise<void>;
  #host: HostProcess | undefined;
  #isEnding = false;

  constructor(process: NumberedProcess, options: FurtherProcessesOptions) {
    this.#process = process;
    this.#options = options;
    this.#pauses = new RestartPauses(options.firstPauseMs);
    this.#ended = this.#keep();
  }

  async end(how: (host: HostProcess) => Promise<void> | void): Promise<void> {
    this.#isEnding = true;
    this.#doze.wake();
    if (this.#host !== undefined) {
      this.#options.port.remove(this.#host);
      await how(this.#host);
    }
    await this.#ended;
  }

  /** An end that was wanted counts for nobody. */
  forgetRuns(): void {
    forgetRuns(this.#process.runRecord);
  }

  async #keep(): Promise<void> {
    while (!this.#isEnding) {
      const pauseMs = await this.#runOnce();
      await this.#doze.sleep(pauseMs);
    }
  }

  /** @returns how long to wait before the next one. */
  async #runOnce(): Promise<number> {
    const { complain } = this.#options;
    const ended = await this.#untilEnded();
    if (this.#isEnding) return 0;
    const pauseMs = this.#pauses.next();
    complain(`${ended} It starts again in ${pauseMs / 1000} s; the others go on.`);
    return pauseMs;
  }

  /** @returns how it ended; a process that the machine has no room for does not begin. */
  async #untilEnded(): Promise<string> {
    const { program, port } = this.#options;
    const { number, args, runRecord } = this.#process;
    try {
      const host = launchHost(program, args, (message) => {
        this.#hear(host, message);
      });
      this.#host = host;
      return endText(`Process ${number}`, await host.exited, runRecord);
    } catch (error) {
      return `Process ${number} cannot be started: ${errorText(error)}.`;
    } finally {
      if (this.#host !== undefined) port.remove(this.#host);
      this.#host = undefined;
    }
  }

  /** What the first process says for all of them is passed over. */
  #hear(host: HostProcess, message: ToSupervisor): void {
    const { port } = this.#options;
    switch (message.kind) {
      case 'portWanted':
        host.tell({ kind: 'portOpen', port: port.port });
        return;
      case 'started':
        this.#pauses.started();
        if (!this.#isEnding) port.add(host);
        return;
      case 'connectionTaken':
        port.taken(host);
        return;
      case 'emulatorWanted':
        host.tell({ kind: 'emulatorFailed', message: 'The storage emulator does not answer.' });
        return;
      case 'configured':
      case 'ending':
        return;
    }
  }
}
