/**
 * Asks until there is an answer, for what comes to be in its own time: a status that a worker has to write, a row that is on
 * its way. The pauses grow, so that a quick answer is had soon and a slow one costs few requests.
 */
import { pause } from './pause.ts';

export interface Patience {
  readonly now: () => number;
  /** On the clock of `now`. From then on nothing is asked again. */
  readonly deadlineMs: number;
  readonly firstPauseMs: number;
  /** Each pause is twice as long as the one before, up to this. */
  readonly longestPauseMs: number;
  /** Ends the waiting, as the deadline does. */
  readonly signal?: AbortSignal | undefined;
}

/**
 * Asks at least once, and a last time at the deadline; never two questions at a time.
 * @param ask resolves undefined while there is no answer. What it throws ends the asking.
 * @returns undefined when the time was up, or `signal` aborted, before there was an answer.
 */
export async function askAgain<Answer>(
  ask: () => Promise<Answer | undefined>,
  { now, deadlineMs, firstPauseMs, longestPauseMs, signal }: Patience,
): Promise<Answer | undefined> {
  for (let pauseMs = firstPauseMs; ; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
    const answer = await ask();
    if (answer !== undefined) return answer;
    const leftMs = deadlineMs - now();
    if (leftMs <= 0 || signal?.aborted) return undefined;
    await pause(Math.min(pauseMs, leftMs), signal);
    if (signal?.aborted) return undefined;
  }
}
