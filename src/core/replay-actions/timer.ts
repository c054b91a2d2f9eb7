/**
 * `createTimer`. Timers longer than 6 days are made of slices of 3 days, each with an id of its own, because storage
 * cannot hide a message for longer than 7 days; the SDK counts ids the same way, by the clock at each TimerFired.
 * Mirrors DurableOrchestrationContext.CreateTimer.
 */
import { DurableTask } from './durable-task.ts';
import { ReplayFailure, type ReplayScope } from './scope.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** `maximumShortTimerDuration` */
export const MAX_SHORT_TIMER_MS = 6 * DAY_MS;
/** `longRunningTimerIntervalDuration` */
export const LONG_TIMER_SLICE_MS = 3 * DAY_MS;

export interface TimerTask {
  readonly task: DurableTask;
  /** The orchestrator cancelled it: nothing waits for it any more. */
  cancel(): void;
}

export function startTimer(
  scope: ReplayScope,
  action: { readonly fireAt: string; readonly isCanceled: boolean },
): TimerTask {
  const task = new DurableTask();
  const fireAtMs = Date.parse(action.fireAt);
  if (Number.isNaN(fireAtMs)) {
    throw new ReplayFailure(`'${action.fireAt}' is not a date that a timer can fire at.`);
  }
  let openId: number | undefined;
  let isCanceled = action.isCanceled;

  const startSlice = (isFirst: boolean): void => {
    const leftMs = fireAtMs - scope.nowMs;
    const isSliced = leftMs > MAX_SHORT_TIMER_MS || (!isFirst && leftMs > LONG_TIMER_SLICE_MS);
    const id = scope.schedule({
      kind: 'timer',
      fireAt: isSliced ? new Date(scope.nowMs + LONG_TIMER_SLICE_MS).toISOString() : action.fireAt,
    });
    if (isCanceled) return;
    openId = id;
    scope.awaitCompletion(id, () => {
      openId = undefined;
      if (isSliced && scope.nowMs < fireAtMs) startSlice(false);
      else task.settle('succeeded');
    });
  };
  startSlice(true);

  return {
    task,
    cancel() {
      isCanceled = true;
      if (openId !== undefined) scope.release(openId);
      openId = undefined;
    },
  };
}

/** A timer of the engine's own, for retries. */
export function startInternalTimer(scope: ReplayScope, fireAtMs: number, fired: () => void): void {
  const id = scope.schedule({ kind: 'timer', fireAt: new Date(fireAtMs).toISOString() });
  scope.awaitCompletion(id, fired);
}
