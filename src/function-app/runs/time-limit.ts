/**
 * `functionTimeout` of host.json: a function that runs longer has failed. The .NET host then kills the worker process of the
 * run; here the code shares the process with the engine and goes on, but nobody hears of it any more. Code that never gives the
 * event loop back cannot be stopped at all. Mirrors FunctionExecutor.TryHandleTimeoutAsync.
 */
// Not the global: user code may have replaced it, and uses of it inside orchestrators are watched.
import { setTimeout } from 'node:timers';
import { MAX_TIMER_MS } from '../../base/clock.ts';
import { formatTimeSpan } from '../../base/timespan.ts';
import { functionTimedOut } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { FunctionRunScope } from './function-run.ts';

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

/** The limit of all runs of an app. They end in the order in which they begin, so that one timer, of the first, is enough. */
export class TimeLimit {
  readonly #ms: number;
  readonly #log: Logger;
  /** When the runs that are under way have to have ended, by `performance.now`. In the order of these times. */
  readonly #ends = new Map<FunctionRunScope, number>();
  #timer: NodeJS.Timeout | undefined;

  /** @param ms undefined for none; what no timer can hold is none, too. */
  constructor(ms: number | undefined, log: Logger) {
    this.#ms = ms === undefined || ms > MAX_TIMER_MS ? Infinity : ms;
    this.#log = log;
  }

  /** Settles as `work`, which runs in `scope`, or rejects with a FunctionTimeoutError when it takes too long. */
  guard<Value>(scope: FunctionRunScope, work: () => Promise<Value>): Promise<Value> {
    if (this.#ms === Infinity) return scope.guard(work);
    this.#ends.set(scope, performance.now() + this.#ms);
    this.#timer ??= this.#lookAfter(this.#ms);
    // Maybe nothing else keeps the process alive until the run has ended.
    if (this.#ends.size === 1) this.#timer.ref();
    return scope.guard(work, () => {
      this.#end(scope);
    });
  }

  /** The timer that is left over when no run is under way holds nobody up. */
  #end(scope: FunctionRunScope): void {
    this.#ends.delete(scope);
    if (this.#ends.size === 0) this.#timer?.unref();
  }

  #lookAfter(ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      this.#look();
    }, ms);
  }

  #look(): void {
    this.#timer = undefined;
    for (const [scope, endMs] of this.#ends) {
      const leftMs = endMs - performance.now();
      if (leftMs > 0) {
        this.#timer = this.#lookAfter(Math.ceil(leftMs));
        return;
      }
      this.#ends.delete(scope);
      const { functionName, invocationId } = scope;
      const limit = formatTimeSpan(this.#ms);
      functionTimedOut(this.#log, { functionName, invocationId, limit });
      scope.fail(new FunctionTimeoutError(functionName, this.#ms));
    }
  }
}
