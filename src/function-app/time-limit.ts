/**
 * `functionTimeout` of host.json: a function that runs longer has failed. The .NET host then kills the worker process of the
 * run; here the code shares the process with the engine and goes on, but nobody hears of it any more. Code that never gives the
 * event loop back cannot be stopped at all. Mirrors FunctionExecutor.TryHandleTimeoutAsync.
 */
// Not the global: user code may have replaced it, and uses of it inside orchestrators are watched.
import { clearTimeout, setTimeout } from 'node:timers';
import { MAX_TIMER_MS } from '../base/clock.ts';
import { formatTimeSpan } from '../base/timespan.ts';
import { functionTimedOut } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import type { FunctionRunScope } from './function-run.ts';

export interface TimeLimit {
  /** Undefined for none. */
  readonly ms: number | undefined;
  readonly log: Logger;
}

/** Its name is the one that .NET orchestrators see. */
export class FunctionTimeoutError extends Error {
  override readonly name = 'FunctionTimeoutException';

  constructor(functionName: string, limitMs: number) {
    super(
      `Timeout value of ${formatTimeSpan(limitMs)} was exceeded by function: Functions.${functionName}`,
    );
    // Of the host's timer: it says nothing about the function.
    this.stack = '';
  }
}

/** Settles as `work`, which runs in `scope`, or rejects with a FunctionTimeoutError when it takes too long. */
export async function withTimeLimit<Value>(
  scope: FunctionRunScope,
  { ms, log }: TimeLimit,
  work: () => Promise<Value>,
): Promise<Value> {
  // What no timer can hold is no limit.
  if (ms === undefined || ms > MAX_TIMER_MS) return await scope.guard(work);
  const { functionName, invocationId } = scope;
  const timer = setTimeout(() => {
    functionTimedOut(log, { functionName, invocationId, limit: formatTimeSpan(ms) });
    scope.fail(new FunctionTimeoutError(functionName, ms));
  }, ms);
  try {
    return await scope.guard(work);
  } finally {
    clearTimeout(timer);
  }
}
