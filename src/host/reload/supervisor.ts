/**
 * `func start` with reload: the host runs in a child process, which is replaced when files of the app change, since code that
 * Node has loaded cannot be unloaded. The storage emulator belongs to the supervisor and stays.
 * R1 A host that is replaced drains, and leaves what does not end soon to its successor.
 * R2 Two hosts never run at once, and each listens on the port of the first.
 * R3 An app that does not start any more is waited for: the next change starts it again. The first start fails as ever.
 * R4 A host whose process is ended, by the app or by the system, is started again, after pauses that grow. What ran in it is
 *    told, and known to its successor by the run record (run-record.ts). Ends that were wanted are not in the record.
 * R5 Where the app runs in several processes, this is about the first one, which says so. The supervisor then has the public port,
 *    and the others (processes/further-processes.ts) come when the first one has started, and go with it.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { whenAborted } from '../../base/abort.ts';
import { errorText } from '../../telemetry/log-events.ts';
import type { Azurite } from '../azurite.ts';
import type { EmulatorLaunch } from '../emulator.ts';
import { FurtherProcesses } from '../processes/further-processes.ts';
import { SharedPort } from '../processes/shared-port.ts';
import { AppChanges } from './app-changes.ts';
import {
  abortHost,
  launchHost,
  replaceHost,
  type HostExit,
  type HostProcess,
  type HostProgram,
} from './host-process.ts';
import type { ToSupervisor } from './messages.ts';
import { endText, RestartPauses } from './restarts.ts';
import { forgetRuns, unfinishedWork } from './run-record.ts';

export interface SupervisorOptions {
  readonly program: HostProgram;
  /** Its arguments. */
  readonly argumentsFor: (launch: HostLaunch) => readonly string[];
  /** Aborts when the host shall finish what runs and end. */
  readonly drain: AbortSignal;
  /** Aborts when the host shall end at once. */
  readonly abort: AbortSignal;
  readonly say: (line: string) => void;
  readonly complain: (line: string) => void;
  /** Said with each restart. */
  readonly restartNote?: string | undefined;
  /** How long after the end of a host the next one starts; doubled each time. @default 1000 */
  readonly firstPauseMs?: number;
}

export interface HostLaunch {
  /** Where its predecessor listened, and what could not be loaded then; undefined for the first one. */
  readonly before: HostBefore | undefined;
  /** A file. */
  readonly runRecord: string;
  /** Of the processes of the app: 1 for the first one, which may be the only one. */
  readonly processNumber: number;
}

export interface HostBefore {
  readonly port: number;
  readonly broken: readonly string[];
}

const FIRST_PAUSE_MS = 1_000;

/** Runs hosts until one ends by itself or a signal comes. @returns the exit code */
export async function superviseHost(options: SupervisorOptions): Promise<number> {
  const folder = await mkdtemp(path.join(tmpdir(), 'func-host-'));
  const supervisor = new Supervisor(options, path.join(folder, 'running'));
  try {
    return await supervisor.run();
  } finally {
    await supervisor.close();
    await rm(folder, { recursive: true, force: true });
  }
}

type Ending =
  { readonly kind: 'exited'; readonly exit: HostExit } | { readonly kind: 'changed' | 'stopped' };

class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #runRecord: string;
  readonly #stopped: Promise<Ending>;
  #before: HostBefore | undefined;
  readonly #changes: AppChanges;
  #emulator: Azurite | undefined;
  #emulatorDeath: Error | undefined;
  #host: HostProcess | undefined;
  /** The last host that came up. */
  #started: HostProcess | undefined;
  /** The last host that said that it ends. */
  #ending: HostProcess | undefined;
  readonly #pauses: RestartPauses;
  #processCount = 1;
  #sharedPort: SharedPort | undefined;
  #others: FurtherProcesses | undefined;

  constructor(options: SupervisorOptions, runRecord: string) {
    this.#options = options;
    this.#runRecord = runRecord;
    this.#changes = new AppChanges(options.complain);
    this.#pauses = new RestartPauses(options.firstPauseMs ?? FIRST_PAUSE_MS);
    this.#stopped = whenAborted(options.drain).then(() => {
      // Callers go elsewhere at once. No process comes that they could wait for.
      this.#sharedPort?.close();
      return { kind: 'stopped' };
    });
    void whenAborted(options.abort).then(() => this.#abortAll());
  }

  async run(): Promise<number> {
    const exitCode = await this.#runFirst();
    await this.#others?.drain();
    return exitCode;
  }

  /** Runs the first process, and those that follow it in its place. @returns its exit code. */
  async #runFirst(): Promise<number> {
    const { drain } = this.#options;
    const { nodeArguments, debugArguments, ...rest } = this.#options.program;
    const program = { ...rest, nodeArguments: [...nodeArguments, ...debugArguments] };
    for (let isFirst = true; ; isFirst = false) {
      const nextChange = this.#changes.next().then((): Ending => ({ kind: 'changed' }));
      const before = this.#before;
      const host = launchHost(program, this.#argumentsOf(before, 1), (message) => {
        this.#hear(host, message, before);
      });
      this.#host = host;
      const exited = host.exited.then((exit): Ending => ({ kind: 'exited', exit }));
      const ending = await Promise.race([exited, nextChange, this.#stopped]);
      this.#sharedPort?.remove(host);
      switch (ending.kind) {
        case 'exited': {
          if (drain.aborted) return this.#exitCode(ending.exit);
          const next = this.#afterEnd(host, isFirst);
          if (next === 'end') return this.#exitCode(ending.exit);
          const kind =
            next === 'waitForChange'
              ? await this.#untilMended(nextChange)
              : await this.#pauseAfter(ending.exit, nextChange);
          if (kind === 'stopped') return 1;
          break;
        }
        case 'stopped':
          host.tell({ kind: 'drain' });
          await this.#others?.drain();
          return this.#exitCode(await host.exited);
        case 'changed':
          await this.#replace(host);
          if (drain.aborted) return this.#exitCode(await host.exited);
          break;
      }
    }
  }

  /** What follows from the end of a host that nobody asked for. */
  #afterEnd(host: HostProcess, isFirst: boolean): 'end' | 'waitForChange' | 'startAgain' {
    const hasStarted = this.#started === host;
    if (this.#ending === host) {
      if (isFirst || hasStarted) return 'end';
      return this.#pauses.isFailing ? 'startAgain' : 'waitForChange';
    }
    // One that never came up has no function to blame, unless the hub held one that ended it at once.
    const ranNothing = unfinishedWork(this.#runRecord).length === 0;
    return isFirst && !hasStarted && ranNothing ? 'end' : 'startAgain';
  }

  async close(): Promise<void> {
    this.#sharedPort?.close();
    await this.#changes.close();
    await this.#emulator?.stop();
  }

  #argumentsOf(before: HostBefore | undefined, processNumber: number): readonly string[] {
    const runRecord = this.#runRecordOf(processNumber);
    return this.#options.argumentsFor({ before, processNumber, runRecord });
  }

  #runRecordOf(processNumber: number): string {
    return processNumber === 1 ? this.#runRecord : `${this.#runRecord}-${processNumber}`;
  }

  /** @param before what the host was told of its predecessor. */
  #hear(host: HostProcess, message: ToSupervisor, before: HostBefore | undefined): void {
    switch (message.kind) {
      case 'configured':
        this.#processCount = message.processCount;
        void this.#changes.watch(message.app);
        return;
      case 'portWanted':
        void this.#openPort(host, message);
        return;
      case 'connectionTaken':
        this.#sharedPort?.taken(host);
        return;
      case 'emulatorWanted':
        void this.#startEmulator(message.launch);
        return;
      case 'started': {
        const { port, broken, isWorking } = message;
        this.#started = host;
        this.#pauses.started();
        // What is broken now is compared with the last app that was complete.
        this.#before = { port, broken: isWorking ? broken : (this.#before?.broken ?? []) };
        this.#startOthers(host, before);
        return;
      }
      case 'ending':
        this.#ending = host;
        return;
    }
  }

  async #openPort(
    host: HostProcess,
    wanted: { readonly port: number; readonly hostname?: string },
  ): Promise<void> {
    try {
      this.#sharedPort ??= await SharedPort.open(wanted);
      host.tell({ kind: 'portOpen', port: this.#sharedPort.port });
    } catch (error) {
      host.tell({ kind: 'portRefused', message: errorText(error) });
    }
  }

  /** The first process has come up: the hub and all that they need is there. */
  #startOthers(host: HostProcess, before: HostBefore | undefined): void {
    const port = this.#sharedPort;
    if (port === undefined || this.#host !== host || this.#options.drain.aborted) return;
    port.add(host);
    const { program, complain, firstPauseMs = FIRST_PAUSE_MS } = this.#options;
    this.#others ??= new FurtherProcesses({ program, port, firstPauseMs, complain });
    const numbers = Array.from({ length: this.#processCount - 1 }, (_, index) => index + 2);
    this.#others.start(
      numbers.map((number) => ({
        number,
        args: this.#argumentsOf(before, number),
        runRecord: this.#runRecordOf(number),
      })),
    );
  }

  async #startEmulator(launch: EmulatorLaunch): Promise<void> {
    try {
      const { startAzurite } = await import('../azurite.ts');
      const emulator = await startAzurite(launch);
      this.#emulator = emulator;
      this.#host?.tell({ kind: 'emulatorStarted' });
      this.#emulatorDeath = await emulator.died;
      this.#host?.tell({ kind: 'drain' });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#host?.tell({ kind: 'emulatorFailed', message });
    }
  }

  async #untilMended(nextChange: Promise<Ending>): Promise<Ending['kind']> {
    this.#options.complain('The app does not start any more. Waiting for its files to change.');
    const { kind } = await Promise.race([nextChange, this.#stopped]);
    if (kind === 'changed') this.#options.say(`${this.#changes.text} The app starts again.`);
    return kind;
  }

  /** Says how the host ended and at what it was, and waits; a change of the app, or a signal, ends the pause. */
  async #pauseAfter(exit: HostExit, nextChange: Promise<Ending>): Promise<Ending['kind']> {
    const { complain, restartNote } = this.#options;
    const pauseMs = this.#pauses.next();
    const who = this.#processCount === 1 ? 'The host' : 'Process 1';
    const ended =
      this.#ending === this.#host ? `${who} does not start.` : endText(who, exit, this.#runRecord);
    const next = `It starts again in ${pauseMs / 1000} s.`;
    complain([ended, next, restartNote].filter(Boolean).join(' '));
    const over = new AbortController();
    const waited = pause(pauseMs, 'exited' as const, { signal: over.signal });
    const kind = await Promise.race([
      waited.catch(() => 'exited' as const),
      nextChange.then(() => 'changed' as const),
      this.#stopped.then(() => 'stopped' as const),
    ]);
    over.abort();
    if (kind === 'changed') {
      await this.#others?.replace();
      // Other code: what it is blamed for may be mended.
      forgetRuns(this.#runRecord);
    }
    return kind;
  }

  async #replace(host: HostProcess): Promise<void> {
    const { say, restartNote } = this.#options;
    const sentences = [this.#changes.text, 'The app restarts.', restartNote];
    say(sentences.filter(Boolean).join(' '));
    await Promise.all([replaceHost(host), this.#others?.replace()]);
    forgetRuns(this.#runRecord);
    this.#pauses.reset();
  }

  async #abortAll(): Promise<void> {
    await Promise.all([this.#host && abortHost(this.#host), this.#others?.abort()]);
  }

  #exitCode({ code, signal }: HostExit): number {
    const { complain, drain, abort } = this.#options;
    if (this.#emulatorDeath !== undefined && this.#emulator !== undefined) {
      complain(this.#emulatorDeath.message);
      return 1;
    }
    // Ctrl+C comes to the host too, which ends of it as long as it has not begun to listen.
    if (drain.aborted && (signal === 'SIGINT' || signal === 'SIGTERM')) return 0;
    if (signal !== null && !abort.aborted) complain(`The host ended unexpectedly (${signal}).`);
    return code ?? 1;
  }
}
