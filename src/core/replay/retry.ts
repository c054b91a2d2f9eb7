/**
 * `callActivityWithRetry` and `callSubOrchestratorWithRetry`: attempts with timers between them. After the last attempt one
 * more timer fires at once before the error surfaces: the SDKs count its id, and so does the .NET engine.
 * Mirrors DurableTask.Core RetryInterceptor; ids as in the SDK's RetryableTask.
 */
import { DurableTask } from './durable-task.ts';
import type { HistoryEvent } from '../history-event.ts';
import type { RetryOptions, SdkAction } from './action.ts';
import { ReplayFailure } from './replay-failure.ts';
import type { ReplayScope } from './scope.ts';
import { startInternalTimer } from './timer.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
/** Showing the SDK attempts that nobody makes costs as much as replaying them, at each run. */
const MAX_SKIPPED_ATTEMPTS = 10_000;

type RetriedCall = Extract<SdkAction, { readonly retry: RetryOptions }>;

export function startWithRetry(
  scope: ReplayScope,
  call: RetriedCall,
  startAttempt: () => DurableTask,
): DurableTask {
  const { retry } = call;
  const { maxTimerMs } = scope.limits;
  checkInterval('FirstRetryInterval', retry.firstRetryIntervalMs, maxTimerMs);
  checkInterval('MaxRetryInterval', retry.maxRetryIntervalMs, maxTimerMs);
  const task = new DurableTask();
  const ids = scope.newRetry();
  const startedMs = scope.nowMs;
  const isTimedOut = (): boolean =>
    retry.retryTimeoutMs !== undefined && scope.nowMs - startedMs >= retry.retryTimeoutMs;

  const attempt = (number: number): void => {
    ids.push(scope.upcomingId);
    const current = startAttempt();
    current.whenSettled(() => {
      if (current.outcome === 'failed') ids.push(scope.upcomingId);
      if (current.outcome === 'succeeded') {
        task.settle('succeeded');
      } else if (number < retry.maxNumberOfAttempts && isTimedOut()) {
        startInternalTimer(scope, scope.nowMs, () => {
          skipAttempts(scope, call, retry.maxNumberOfAttempts - number);
          task.settle('failed');
        });
      } else if (number < retry.maxNumberOfAttempts) {
        startInternalTimer(scope, scope.nowMs + retryDelayMs(retry, number), () => {
          attempt(number + 1);
        });
      } else {
        startInternalTimer(scope, scope.nowMs, () => {
          task.settle('failed');
        });
      }
    });
  };
  attempt(1);
  return task;
}

/**
 * The SDK knows no retry timeout and goes on counting attempts: it is shown that the remaining ones failed at once. Each takes
 * the id of an attempt and of a timer, which nothing else may have.
 * @throws {ReplayFailure} when they are too many.
 */
function skipAttempts(scope: ReplayScope, call: RetriedCall, count: number): void {
  if (count > MAX_SKIPPED_ATTEMPTS) {
    throw new ReplayFailure(
      `The retry timeout of '${call.functionName}' has elapsed with ${count} of its attempts left, and durable-functions can be told of ${MAX_SKIPPED_ATTEMPTS} at most. Set maxNumberOfAttempts to a number near what fits into retryTimeoutInMilliseconds.`,
    );
  }
  const timestamp = new Date(scope.nowMs).toISOString();
  const common = { IsPlayed: false, Timestamp: timestamp };
  const shown: HistoryEvent[] = [];
  for (let skipped = 0; skipped < count; skipped++) {
    const attemptId = scope.reserveId();
    const TimerId = scope.reserveId();
    const failure = {
      ...common,
      EventId: -1,
      TaskScheduledId: attemptId,
      Reason: 'The retry timeout has elapsed.',
      Details: '{"Message":"The retry timeout has elapsed."}',
      FailureDetails: null,
    };
    shown.push(
      attemptEvent(call, { ...common, EventId: attemptId }),
      call.kind === 'callActivityWithRetry'
        ? { ...failure, EventType: 'TaskFailed' }
        : { ...failure, EventType: 'SubOrchestrationInstanceFailed' },
      { ...common, EventType: 'TimerCreated', EventId: TimerId, FireAt: timestamp },
      { ...common, EventType: 'TimerFired', EventId: -1, TimerId, FireAt: timestamp },
    );
  }
  scope.showToSdk(shown);
}

/** What SDK 1.x finds an attempt by. */
function attemptEvent(
  call: RetriedCall,
  common: { readonly EventId: number; readonly IsPlayed: boolean; readonly Timestamp: string },
): HistoryEvent {
  const scheduled = { ...common, Name: call.functionName, Version: '', Input: null, Tags: null };
  return call.kind === 'callActivityWithRetry'
    ? { ...scheduled, EventType: 'TaskScheduled', ParentTraceContext: null }
    : {
        ...scheduled,
        EventType: 'SubOrchestrationInstanceCreated',
        InstanceId: call.instanceId ?? '',
        ClientSpanId: null,
      };
}

/** The pause after attempt `number` (from 1). */
function retryDelayMs(retry: RetryOptions, number: number): number {
  const delayMs = retry.firstRetryIntervalMs * retry.backoffCoefficient ** (number - 1);
  return Math.min(delayMs, retry.maxRetryIntervalMs);
}

function checkInterval(name: string, ms: number, maxTimerMs: number): void {
  if (ms > maxTimerMs) {
    throw new ReplayFailure(
      `The Azure Storage provider supports a maximum of ${maxTimerMs / DAY_MS} days for time-based delays (Parameter '${name}')`,
    );
  }
}
