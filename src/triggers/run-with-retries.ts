/**
 * Runs a function again after a failure, as its `retry` options say; for triggers that hold no message to come back. Mirrors
 * FunctionExecutor's retry loop with FixedDelayRetryAttribute and ExponentialBackoffRetryAttribute: in this process, in memory.
 */
import type { FunctionRetryOptions, LoadedFunction } from '../function-app/function-declaration.ts';
import type { InvocationRequest, InvocationResult } from '../function-app/function-app.ts';
import { text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';

export interface RetriedRun {
  readonly fn: LoadedFunction;
  readonly request: InvocationRequest;
  readonly log: Logger;
  /** One attempt. */
  readonly run: (request: InvocationRequest) => Promise<InvocationResult>;
  /** Resolves after the delay, or with false at once when there is to be no further attempt (the host stops). */
  readonly pause: (delayMs: number) => Promise<boolean>;
}

/** The result of the last attempt. */
export async function runWithRetries(given: RetriedRun): Promise<InvocationResult> {
  const { fn, run, pause } = given;
  const options = fn.retryOptions;
  let result = await run(given.request);
  if (options === undefined) return result;
  const { maxRetryCount } = options;
  for (let count = 1; result.kind === 'failed' && isAllowed(count, maxRetryCount); count++) {
    const delayMs = delayBefore(count, options);
    logWait(given, count, delayMs, maxRetryCount);
    if (!(await pause(delayMs))) break;
    const exception = { message: result.message, stackTrace: result.stack };
    const retryContext = { retryCount: count, maxRetryCount, exception };
    result = await run({ ...given.request, retryContext });
  }
  return result;
}

/** -1: without end. */
function isAllowed(count: number, maxRetryCount: number): boolean {
  return maxRetryCount < 0 || count <= maxRetryCount;
}

/** Milliseconds before the retry: doubled each time from the minimum to the maximum for exponential back-off. */
function delayBefore(count: number, options: FunctionRetryOptions): number {
  if (options.strategy === 'fixedDelay') return options.delayIntervalMs ?? 0;
  const least = options.minimumIntervalMs ?? 0;
  return Math.min(least * 2 ** (count - 1), options.maximumIntervalMs ?? Infinity);
}

function logWait({ fn, log }: RetriedRun, count: number, delayMs: number, most: number): void {
  text(
    log,
    'information',
    `Function.${fn.name}`,
    `Waiting for ${delayMs} ms before retrying function execution. Next attempt: '${count}'. Max retry count: '${most}'.`,
  );
}
