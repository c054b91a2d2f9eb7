/** The clock and its timers, as what waits for times gets them: tests move time themselves. */

/** Longest delay that a timer of Node can hold, in ms; it fires a longer one at once. */
export const MAX_TIMER_MS = 2 ** 31 - 1;

export interface Clock {
  /** Milliseconds since the epoch. */
  now(): number;
  /** Calls `run` after about `delayMs`, at most MAX_TIMER_MS; the answer cancels it. */
  schedule(delayMs: number, run: () => void): () => void;
}

/** Timers of Node stand still while the machine sleeps, and do not hear when its clock is set: the clock is looked at so often. */
const LONGEST_BLIND_WAIT_MS = 30_000;

/** By the clock on the wall, in steps. Its timers keep no process alive. */
export function scheduleOnSystem(delayMs: number, run: () => void): () => void {
  const dueMs = Date.now() + delayMs;
  let timer: NodeJS.Timeout;
  const wait = (leftMs: number): void => {
    const isLast = leftMs <= LONGEST_BLIND_WAIT_MS;
    const goOn = (): void => {
      const nowLeftMs = dueMs - Date.now();
      if (isLast || nowLeftMs <= 0) run();
      else wait(nowLeftMs);
    };
    timer = setTimeout(goOn, isLast ? leftMs : LONGEST_BLIND_WAIT_MS).unref();
  };
  wait(delayMs);
  return () => {
    clearTimeout(timer);
  };
}

export const SYSTEM_CLOCK: Clock = { now: () => Date.now(), schedule: scheduleOnSystem };
