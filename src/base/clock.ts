/** The clock and its timers, as what waits for times gets them: tests move time themselves. */

/** Longest delay that a timer of Node can hold, in ms; it fires a longer one at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `run` after about `delayMs`, at most MAX_TIMER_MS; the answer cancels it. */
  schedule(delayMs: number, run: () => void): () => void;
}

/** Its timers keep no process alive. */
export function scheduleOnSystem(delayMs: number, run: () => void): () => void {
  const timer = setTimeout(run, delayMs).unref();
  return () => {
    clearTimeout(timer);
  };
}

export const SYSTEM_CLOCK: Clock = { now: () => Date.now(), schedule: scheduleOnSystem };
