/** Waiting on conditions, so that no test sleeps for a guessed time. */
import { setTimeout as pause } from 'node:timers/promises';
import { patient } from './patience.ts';

export interface Patience {
  /** On a quick machine; see patience.ts. @default 10 000 */
  readonly timeoutMs?: number;
  /** @default 20 */
  readonly intervalMs?: number;
}

/**
 * Calls `attempt` until it neither throws nor answers undefined or false, and resolves with its answer.
 * @throws what the last attempt threw, or an Error with its answer, once the time is up.
 */
export async function eventually<Answer>(
  attempt: () => Answer | Promise<Answer>,
  { timeoutMs = 10_000, intervalMs = 20 }: Patience = {},
): Promise<NonNullable<Answer>> {
  const deadline = Date.now() + patient(timeoutMs);
  for (;;) {
    const failure = await attemptOnce(attempt);
    if (failure.answer !== undefined) return failure.answer;
    if (Date.now() >= deadline) throw failure.error;
    await pause(intervalMs);
  }
}

async function attemptOnce<Answer>(
  attempt: () => Answer | Promise<Answer>,
): Promise<{ answer?: NonNullable<Answer>; error?: unknown }> {
  try {
    const answer = await attempt();
    if (answer !== undefined && answer !== null && answer !== false) return { answer };
    return {
      error: new Error(`The condition did not come true in time; last: ${String(answer)}.`),
    };
  } catch (error) {
    return { error };
  }
}

/** Resolves like `promise`, or fails with `what` after `timeoutMs`, on a quick machine. */
export async function within<Value>(
  promise: Promise<Value>,
  what: string,
  timeoutMs = 10_000,
): Promise<Value> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      reject(new Error(`${what}: not within ${patient(timeoutMs)} ms`));
    }, patient(timeoutMs));
  });
  try {
    return await Promise.race([promise, late]);
  } finally {
    clearTimeout(timer);
  }
}
