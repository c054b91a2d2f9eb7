/**
 * Whoever starts while storage breaks connections off, or is too busy, waits until that is over: a host that gives up in bad weather has to be
 * started again by somebody. What will not be better soon is said at once: that nobody listens, or that we are not known.
 */
import { askAgain } from '../base/ask-again.ts';
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
  let failure: unknown;
  const tried = async (): Promise<{ readonly result: Result } | undefined> => {
    try {
      return { result: await call() };
    } catch (error) {
      if (!passes(error)) throw error;
      failure = error;
      return undefined;
    }
  };
  const now = (): number => performance.now();
  const patience = { firstPauseMs: FIRST_PAUSE_MS, longestPauseMs: LONGEST_PAUSE_MS };
  const done = await askAgain(tried, { now, deadlineMs: now() + patienceMs, ...patience });
  if (done === undefined) throw failure;
  return done.result;
}

function passes(error: unknown): boolean {
  const status = statusOf(error) ?? 0;
  return status >= 500 || status === 429 || BROKEN_OFF.has(codeOf(error) ?? '');
}
