/**
 * Whoever starts while storage breaks connections off, or is too busy, waits until that is over: a host that gives up in bad weather has to be
 * started again by somebody. What will not be better soon is said at once: that nobody listens, or that we are not known.
 */
import { PollBackoff } from '../base/back-off.ts';
import { pause } from '../base/pause.ts';
import { codeOf, statusOf } from './storage-error.ts';

const PATIENCE_MS = 60_000;
const FIRST_PAUSE_MS = 250;
const LONGEST_PAUSE_MS = 5_000;
const BROKEN_OFF: ReadonlySet<string> = new Set(['ECONNRESET', 'EPIPE', 'ETIMEDOUT']);

/**
 * Calls storage until that does not fail any more for something that passes.
 * @param patienceMs for so long.
 * @throws what the last call threw.
 */
export async function throughPassingFailures<Result>(
  call: () => Promise<Result>,
  patienceMs = PATIENCE_MS,
): Promise<Result> {
  const backoff = new PollBackoff(LONGEST_PAUSE_MS, Math.random, FIRST_PAUSE_MS);
  const untilMs = performance.now() + patienceMs;
  for (;;) {
    try {
      return await call();
    } catch (error) {
      const pauseMs = backoff.nextMs();
      if (!passes(error) || performance.now() + pauseMs > untilMs) throw error;
      await pause(pauseMs);
    }
  }
}

function passes(error: unknown): boolean {
  const status = statusOf(error) ?? 0;
  return status >= 500 || status === 429 || BROKEN_OFF.has(codeOf(error) ?? '');
}
