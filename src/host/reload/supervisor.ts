/**
 * `func start` with reload: the host runs in a child process, which is replaced when files of the app change, since code that
 * Node has loaded cannot be unloaded. The storage emulator belongs to the supervisor and stays.
 * R1 A host that is replaced drains, and leaves what does not end soon to its successor.
 * R2 Two hosts never run at once, and each listens on the port of the first.
 * R3 An app that does not start any more is waited for: the next change starts it again. The first start fails as ever.
 * R4 A host whose process is ended, by the app or by the system, is started again, after pauses that grow. What ran in it is
 *    told, and known to its successor by the run record (run-record.ts). Ends that were wanted are not in the record.
 */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import type { Azurite } from '../azurite.ts';
import type { AppWatch } from './app-watch.ts';
import { launchHost, type HostExit, type HostProcess } from './host-process.ts';
import type { ToSupervisor, WatchedApp } from './messages.ts';
import { forgetRuns, type RecordedWork, unfinishedWork } from './run-record.ts';

export interface SupervisorOptions {
  /** The file that runs the host. */
  readonly program: string;
  /** Its arguments; those of a successor say where to listen, and what could not be loaded before. `runRecord` is a file. */
  readonly argumentsFor: (before: HostBefore | undefined, runRecord: string) => readonly string[];
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

export interface HostBefore {
  readonly port: number;
  readonly broken: readonly string[];
}

/** How long what runs may take to end by itself before it is left to the next host. */
const DRAIN_MS = 5_000;
const HAND_OVER_MS = 5_000;
const ABORT_MS = 2_000;

const FIRST_PAUSE_MS = 1_000;
const LONGEST_PAUSE_MS = 30_000;
/** A host that has been up for so long has overcome what ended those before it. */
const STABLE_MS = 60_000;
/** So many functions are named that ran when a host ended. */
const MAX_NAMED = 3;

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
  #app: WatchedApp | undefined;
  #watch: AppWatch | undefined;
  #emulator: Azurite | undefined;
  #emulatorDeath: Error | undefined;
  #host: HostProcess | undefined;
  /** The last host that came up. */
  #started: HostProcess | undefined;
  #startedMs = 0;
  /** The last host that said that it ends. */
  #ending: HostProcess | undefined;
  /** The pause after the last end that nobody wanted; 0 when there was none lately. */
  #pauseMs = 0;
  #changed: readonly string[] = [];
  #onChange: () => void = () => undefined;

  constructor(options: SupervisorOptions, runRecord: string) {
    this.#options = options;
    this.#runRecord = runRecord;
    this.#stopped = whenAborted(options.drain).then(() => ({ kind: 'stopped' }));
    void whenAborted(options.abort).then(() => this.#abortHost());
  }

  async run(): Promise<number> {
    const { program, argumentsFor, drain } = this.#options;
    for (let isFirst = true; ; isFirst = false) {
      const nextChange = this.#nextChange();
      const host = launchHost(program, argumentsFor(this.#before, this.#runRecord), (message) => {
        this.#hear(message);
      });
      this.#host = host;
      const exited = host.exited.then((exit): Ending => ({ kind: 'exited', exit }));
      const ending = await Promise.race([exited, nextChange, this.#stopped]);
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
      return this.#pauseMs > 0 ? 'startAgain' : 'waitForChange';
    }
    // One that never came up has no function to blame, unless the hub held one that ended it at once.
    const ranNothing = unfinishedWork(this.#runRecord).length === 0;
    return isFirst && !hasStarted && ranNothing ? 'end' : 'startAgain';
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
        this.#startedMs = performance.now();
        // What is broken now is compared with the last app that was complete.
        this.#before = { port, broken: isWorking ? broken : (this.#before?.broken ?? []) };
        return;
      }
      case 'ending':
        this.#ending = this.#host;
        return;
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

  /** Says how the host ended and at what it was, and waits; a change of the app, or a signal, ends the pause. */
  async #pauseAfter(exit: HostExit, nextChange: Promise<Ending>): Promise<Ending['kind']> {
    const { complain, restartNote, firstPauseMs = FIRST_PAUSE_MS } = this.#options;
    const wasStable =
      this.#started === this.#host && performance.now() - this.#startedMs > STABLE_MS;
    this.#pauseMs = wasStable
      ? firstPauseMs
      : Math.min(this.#pauseMs * 2 || firstPauseMs, LONGEST_PAUSE_MS);
    const how = exit.signal ?? `exit code ${exit.code ?? 'unknown'}`;
    const what = runningText(unfinishedWork(this.#runRecord));
    const ended =
      this.#ending === this.#host
        ? 'The host does not start.'
        : `The host ended unexpectedly (${how})${what}.`;
    const next = `It starts again in ${this.#pauseMs / 1000} s.`;
    complain([ended, next, restartNote].filter(Boolean).join(' '));
    const over = new AbortController();
    const waited = pause(this.#pauseMs, 'exited' as const, { signal: over.signal });
    const kind = await Promise.race([
      waited.catch(() => 'exited' as const),
      nextChange.then(() => 'changed' as const),
      this.#stopped.then(() => 'stopped' as const),
    ]);
    over.abort();
    // Other code: what it is blamed for may be mended.
    if (kind === 'changed') forgetRuns(this.#runRecord);
    return kind;
  }

  async #replace(host: HostProcess): Promise<void> {
    await this.#endForChange(host);
    forgetRuns(this.#runRecord);
    this.#pauseMs = 0;
  }

  async #endForChange(host: HostProcess): Promise<void> {
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

/** ` while activity 'Crunch' of instance 'abc' ran` */
function runningText(works: readonly RecordedWork[]): string {
  if (works.length === 0) return '';
  const named = works
    .slice(0, MAX_NAMED)
    .map(({ kind, functionName, instanceId }) =>
      kind === 'entity' ? `entity '${instanceId}'` : `${kind} '${functionName}' of '${instanceId}'`,
    );
  const more = works.length > MAX_NAMED ? [`${works.length - MAX_NAMED} more`] : [];
  return ` while ${[...named, ...more].join(', ')} ran`;
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
