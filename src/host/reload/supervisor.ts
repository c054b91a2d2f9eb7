/**
 * `func start` with reload: the host runs in a child process, which is replaced when files of the app change, since code that
 * Node has loaded cannot be unloaded. The storage emulator belongs to the supervisor and stays.
 * R1 A host that is replaced drains, and leaves what does not end soon to its successor.
 * R2 Two hosts never run at once, and each listens on the port of the first.
 * R3 An app that does not start any more is waited for: the next change starts it again. The first start fails as ever.
 */
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Azurite } from '../azurite.ts';
import type { AppWatch } from './app-watch.ts';
import { launchHost, type HostExit, type HostProcess } from './host-process.ts';
import type { ToSupervisor, WatchedApp } from './messages.ts';

export interface SupervisorOptions {
  /** The file that runs the host. */
  readonly program: string;
  /** Its arguments; those of a successor say where to listen, and what could not be loaded before. */
  readonly argumentsFor: (before: HostBefore | undefined) => readonly string[];
  /** Aborts when the host shall finish what runs and end. */
  readonly drain: AbortSignal;
  /** Aborts when the host shall end at once. */
  readonly abort: AbortSignal;
  readonly say: (line: string) => void;
  readonly complain: (line: string) => void;
  /** Said with each restart. */
  readonly restartNote?: string | undefined;
}

export interface HostBefore {
  readonly port: number;
  readonly broken: readonly string[];
}

/** How long what runs may take to end by itself before it is left to the next host. */
const DRAIN_MS = 5_000;
const HAND_OVER_MS = 5_000;
const ABORT_MS = 2_000;

/** Runs hosts until one ends by itself or a signal comes. @returns the exit code */
export async function superviseHost(options: SupervisorOptions): Promise<number> {
  const supervisor = new Supervisor(options);
  try {
    return await supervisor.run();
  } finally {
    await supervisor.close();
  }
}

type Ending =
  { readonly kind: 'exited'; readonly exit: HostExit } | { readonly kind: 'changed' | 'stopped' };

class Supervisor {
  readonly #options: SupervisorOptions;
  readonly #stopped: Promise<Ending>;
  #before: HostBefore | undefined;
  #app: WatchedApp | undefined;
  #watch: AppWatch | undefined;
  #emulator: Azurite | undefined;
  #emulatorDeath: Error | undefined;
  #host: HostProcess | undefined;
  /** The last host that came up. */
  #started: HostProcess | undefined;
  #changed: readonly string[] = [];
  #onChange: () => void = () => undefined;

  constructor(options: SupervisorOptions) {
    this.#options = options;
    this.#stopped = whenAborted(options.drain).then(() => ({ kind: 'stopped' }));
    void whenAborted(options.abort).then(() => this.#abortHost());
  }

  async run(): Promise<number> {
    const { program, argumentsFor } = this.#options;
    for (let isFirst = true; ; isFirst = false) {
      const nextChange = this.#nextChange();
      const host = launchHost(program, argumentsFor(this.#before), (message) => {
        this.#hear(message);
      });
      this.#host = host;
      const exited = host.exited.then((exit): Ending => ({ kind: 'exited', exit }));
      const ending = await Promise.race([exited, nextChange, this.#stopped]);
      switch (ending.kind) {
        case 'exited':
          if (isFirst || this.#started === host || this.#options.drain.aborted) {
            return this.#exitCode(ending.exit);
          }
          if ((await this.#untilMended(nextChange)) === 'stopped') return 1;
          break;
        case 'stopped':
          host.tell({ kind: 'drain' });
          return this.#exitCode(await host.exited);
        case 'changed':
          await this.#replace(host);
          if (this.#options.drain.aborted) return this.#exitCode(await host.exited);
          break;
      }
    }
  }

  async close(): Promise<void> {
    await this.#watch?.close();
    await this.#emulator?.stop();
  }

  #hear(message: ToSupervisor): void {
    switch (message.kind) {
      case 'configured':
        void this.#watchApp(message.app);
        return;
      case 'emulatorWanted':
        void this.#startEmulator(message.location);
        return;
      case 'started': {
        const { port, broken, isWorking } = message;
        this.#started = this.#host;
        // What is broken now is compared with the last app that was complete.
        this.#before = { port, broken: isWorking ? broken : (this.#before?.broken ?? []) };
        return;
      }
    }
  }

  async #watchApp(app: WatchedApp): Promise<void> {
    if (JSON.stringify(app) === JSON.stringify(this.#app)) return;
    this.#app = app;
    const former = this.#watch;
    const sinceMs = Date.now();
    // Loaded while the host starts, not before.
    const { AppWatch } = await import('./app-watch.ts');
    this.#watch = app.isEnabled
      ? new AppWatch({
          app,
          sinceMs,
          onChange: (files) => {
            this.#changed = files;
            this.#onChange();
          },
          onError: (error) => {
            const reason = error instanceof Error ? error.message : String(error);
            this.#options.complain(`Changes of the app may go unnoticed: ${reason}`);
          },
        })
      : undefined;
    await former?.close();
  }

  async #startEmulator(location: string): Promise<void> {
    try {
      const { startAzurite } = await import('../azurite.ts');
      const emulator = await startAzurite({ location });
      this.#emulator = emulator;
      this.#host?.tell({ kind: 'emulatorStarted' });
      this.#emulatorDeath = await emulator.died;
      this.#host?.tell({ kind: 'drain' });
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      this.#host?.tell({ kind: 'emulatorFailed', message });
    }
  }

  #nextChange(): Promise<Ending> {
    return new Promise((resolve) => {
      this.#onChange = () => {
        resolve({ kind: 'changed' });
      };
    });
  }

  async #untilMended(nextChange: Promise<Ending>): Promise<Ending['kind']> {
    this.#options.complain('The app does not start any more. Waiting for its files to change.');
    const { kind } = await Promise.race([nextChange, this.#stopped]);
    if (kind === 'changed') this.#options.say(`${this.#changedText()} The app starts again.`);
    return kind;
  }

  async #replace(host: HostProcess): Promise<void> {
    const { say, restartNote } = this.#options;
    const sentences = [this.#changedText(), 'The app restarts.', restartNote];
    say(sentences.filter(Boolean).join(' '));
    host.tell({ kind: 'drain' });
    if (await endsWithin(host, DRAIN_MS)) return;
    host.tell({ kind: 'handOver' });
    if (await endsWithin(host, HAND_OVER_MS)) return;
    host.kill();
    await host.exited;
  }

  /** One whose code never pauses cannot even hear that it shall end. */
  async #abortHost(): Promise<void> {
    const host = this.#host;
    if (host === undefined) return;
    host.tell({ kind: 'abort' });
    if (!(await endsWithin(host, ABORT_MS))) host.kill();
  }

  #changedText(): string {
    const root = this.#app?.scriptRoot ?? '';
    const [first = 'A file', ...others] = this.#changed.map((file) => path.relative(root, file));
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    return `${first}${more} changed.`;
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

async function endsWithin(host: HostProcess, ms: number): Promise<boolean> {
  const timer = new AbortController();
  const late = pause(ms, false, { signal: timer.signal }).catch(() => false);
  const ended = await Promise.race([host.exited.then(() => true), late]);
  timer.abort();
  return ended;
}

function whenAborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else {
      signal.addEventListener(
        'abort',
        () => {
          resolve();
        },
        { once: true },
      );
    }
  });
}
