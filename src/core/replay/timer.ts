/**
 * `createTimer`. Timers that are longer than storage can hold (in Azure 6 days) are made of slices (of 3 days), each with an id of
 * its own; the SDK, which is told the same limits, counts ids the same way, by the clock at each TimerFired.
 * Mirrors DurableOrchestrationContext.CreateTimer.
 */
import { DurableTask } from './durable-task.ts';
import { ReplayFailure } from './replay-failure.ts';
import type { ReplayScope } from './scope.ts';

export interface TimerTask {
  readonly task: DurableTask;
  /** The orchestrator cancelled it: the instance does not wait for it any more. It may fire all the same. */
  cancel(): void;
}

export function startTimer(
  scope: ReplayScope,
  action: { readonly fireAt: string; readonly isCanceled: boolean },
): TimerTask {
  const { maxTimerMs, timerSliceMs } = scope.limits;
  const task = new DurableTask();
  const fireAtMs = Date.parse(action.fireAt);
  if (Number.isNaN(fireAtMs)) {
    throw new ReplayFailure(`'${action.fireAt}' is not a date that a timer can fire at.`);
  }
  let openId: number | undefined;
  let isCanceled = action.isCanceled;
  let isLong = false;

  const startSlice = (): void => {
    const leftMs = fireAtMs - scope.nowMs;
    const isSliced = leftMs > (isLong ? timerSliceMs : maxTimerMs);
    isLong ||= isSliced;
    const slice = {
      kind: 'timer' as const,
      fireAt: isSliced ? new Date(scope.nowMs + timerSliceMs).toISOString() : action.fireAt,
    };
    // The SDK counts the slices of a cancelled timer, too; history has those that were made before.
    const id =
      isCanceled && openId !== undefined ? scope.expectRecord(slice) : scope.schedule(slice);
    openId = id;
    scope.awaitCompletion(id, () => {
      if (isLong && scope.nowMs < fireAtMs) startSlice();
      else task.settle('succeeded');
    });
    if (isCanceled) scope.release(id);
  };
  startSlice();

  return {
    task,
    cancel() {
      isCanceled = true;
      if (openId !== undefined) scope.release(openId);
    },
  };
}

/** A timer of the engine's own, for retries. */
export function startInternalTimer(scope: ReplayScope, fireAtMs: number, fired: () => void): void {
  const id = scope.schedule({ kind: 'timer', fireAt: new Date(fireAtMs).toISOString() });
  scope.awaitCompletion(id, fired);
}
