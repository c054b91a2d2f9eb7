/** Polls again at once while there is something to find, ever more rarely while there is not, and survives errors. */
import type { Logger } from '../../telemetry/log.ts';
import { loopFailed } from '../../telemetry/log-events.ts';
import { Doze } from '../../base/doze.ts';
import { PollBackoff } from '../../base/back-off.ts';

/** `unasked`: it was not looked for anything, because too much is waiting already, or the queue is another worker's. */
export type PollOutcome = 'found' | 'empty' | 'unasked';

/** How long a loop waits for room. Mirrors ControlQueueBufferThreshold's pause. */
const UNASKED_PAUSE_MS = 1_000;

/** The longest pause while what a process held that died comes to light, whatever the back-off says. */
const RECOVERY_PAUSE_MS = 2_000;
const RECOVERY_MARGIN_MS = 10_000;

export interface PollLoopOptions {
  readonly taskHub: string;
  /** Names the loop in the log. */
  readonly name: string;
  readonly maxPauseMs: number;
  /** What a process held in memory when it died comes to light one after the other within this time. */
  readonly selfLeaseMs: number;
  readonly log: Logger;
  readonly poll: () => Promise<PollOutcome>;
}

/** One time between start and stop. */
interface Run {
  readonly startedMs: number;
  isStopping: boolean;
  ended: Promise<void>;
}

export class PollLoop {
  readonly #options: PollLoopOptions;
  readonly #doze = new Doze();
  readonly #backoff: PollBackoff;
  #run: Run | undefined;

  constructor(options: PollLoopOptions) {
    this.#options = options;
    this.#backoff = new PollBackoff(options.maxPauseMs);
  }

  get isRunning(): boolean {
    return this.#run !== undefined;
  }

  start(): void {
    if (this.#run !== undefined) return;
    const run: Run = { startedMs: performance.now(), isStopping: false, ended: Promise.resolve() };
    this.#run = run;
    run.ended = this.#loop(run);
  }

  /** Begins no further poll. Resolves when the one under way has ended and what it found was delivered. */
  async stop(): Promise<void> {
    const run = this.#run;
    if (run === undefined) return;
    this.#run = undefined;
    run.isStopping = true;
    this.#doze.wake();
    await run.ended;
  }

  /** There is something to find: poll now. */
  wake(): void {
    this.#backoff.reset();
    this.#doze.wake();
  }

  async #loop(run: Run): Promise<void> {
    while (!run.isStopping) {
      const pauseMs = await this.#pollOnce(run);
      if (pauseMs > 0) await this.#doze.sleep(pauseMs);
    }
  }

  async #pollOnce(run: Run): Promise<number> {
    try {
      const outcome = await this.#options.poll();
      if (outcome === 'unasked') return UNASKED_PAUSE_MS;
      if (outcome === 'empty') return this.#emptyPauseMs(run);
      this.#backoff.reset();
      return 0;
    } catch (error) {
      const pauseMs = Math.round(this.#backoff.nextMs());
      const { log, taskHub, name } = this.#options;
      loopFailed(log, { taskHub, loop: name, pauseMs }, error);
      return pauseMs;
    }
  }

  #emptyPauseMs(run: Run): number {
    const pauseMs = this.#backoff.nextMs();
    const recoveryMs = this.#options.selfLeaseMs + RECOVERY_MARGIN_MS;
    const isRecovering = performance.now() - run.startedMs < recoveryMs;
    return isRecovering ? Math.min(pauseMs, RECOVERY_PAUSE_MS) : pauseMs;
  }
}
