/** Builds histories and SDK answers for tests of the core, in words. */
import { AZURE_STORAGE_LIMITS } from '../../src/azure-storage/limits.ts';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import { toInstanceId } from '../../src/core/ids.ts';
import { OrchestrationExecution } from '../../src/core/orchestration-execution.ts';
import { ListWalk } from '../../src/core/list-replay/list-walk.ts';
import type { RetryOptions, SdkAction, SdkActions } from '../../src/core/replay/action.ts';
import type { SdkAnswer } from '../../src/function-app/orchestrations/orchestration-trigger.ts';
import { decide, type Decision } from '../../src/core/decide.ts';
import { ReplayFailure } from '../../src/core/replay/replay-failure.ts';
import type { TaskMessage } from '../../src/core/task-message.ts';

export const START_MS = Date.parse('2026-01-01T00:00:00.000Z');

export function at(seconds: number): string {
  return new Date(START_MS + seconds * 1000).toISOString();
}

export const startedEvent: HistoryEvent = {
  EventType: 'ExecutionStarted',
  EventId: -1,
  IsPlayed: false,
  Timestamp: at(0),
  OrchestrationInstance: { InstanceId: 'inst', ExecutionId: 'exec' },
  ParentInstance: null,
  Name: 'Orch',
  Version: '',
  Input: null,
  Tags: null,
  Correlation: null,
  ParentTraceContext: null,
  ScheduledStartTime: null,
  Generation: 0,
  GenerateNewTrace: false,
};

const common = { EventId: -1, IsPlayed: false, Timestamp: at(0) };

export function orchestratorStarted(seconds: number): HistoryEvent {
  return {
    EventType: 'OrchestratorStarted',
    EventId: -1,
    IsPlayed: false,
    Timestamp: at(seconds),
  };
}

export function taskCompleted(id: number, result = '"ok"'): HistoryEvent {
  return { ...common, EventType: 'TaskCompleted', TaskScheduledId: id, Result: result };
}

export function taskFailed(id: number): HistoryEvent {
  return {
    ...common,
    EventType: 'TaskFailed',
    TaskScheduledId: id,
    Reason: 'boom',
    Details: '{}',
    FailureDetails: null,
  };
}

export function timerFired(id: number, seconds: number): HistoryEvent {
  return { ...common, EventType: 'TimerFired', TimerId: id, FireAt: at(seconds) };
}

export function eventRaised(name: string, input: string | null = null): HistoryEvent {
  return {
    ...common,
    EventType: 'EventRaised',
    Name: name,
    Input: input,
    ParentTraceContext: null,
  };
}

export const activity = (functionName: string): SdkAction => ({
  kind: 'callActivity',
  functionName,
  input: undefined,
});

export const subOrchestration = (functionName: string): SdkAction => ({
  kind: 'callSubOrchestrator',
  functionName,
  instanceId: null,
  input: undefined,
  version: null,
});

export const timer = (seconds: number, isCanceled = false): SdkAction => ({
  kind: 'createTimer',
  fireAt: at(seconds),
  isCanceled,
});

export const event = (eventName: string): SdkAction => ({
  kind: 'waitForExternalEvent',
  eventName,
});

export const all = (...children: SdkAction[]): SdkAction => ({ kind: 'whenAll', children });
export const any = (...children: SdkAction[]): SdkAction => ({ kind: 'whenAny', children });

export function retryOptions(maxNumberOfAttempts: number, firstSeconds = 5): RetryOptions {
  return {
    firstRetryIntervalMs: firstSeconds * 1000,
    maxNumberOfAttempts,
    backoffCoefficient: 1,
    maxRetryIntervalMs: 6 * 24 * 3600 * 1000,
    retryTimeoutMs: undefined,
  };
}

export const activityWithRetry = (functionName: string, attempts: number): SdkAction => ({
  kind: 'callActivityWithRetry',
  functionName,
  input: undefined,
  retry: retryOptions(attempts),
});

export function answered(
  actions: readonly SdkAction[],
  rest: { isDone?: boolean; output?: string; customStatus?: string } = {},
): SdkAnswer {
  return {
    kind: 'ran',
    actions: { schema: 'nested', actions },
    isDone: rest.isDone ?? false,
    output: rest.output ?? null,
    customStatus: rest.customStatus ?? null,
  };
}

export function threw(actions: readonly SdkAction[], message = 'oops'): SdkAnswer {
  return {
    kind: 'threw',
    actions: { schema: 'nested', actions },
    message,
    failureDetails: null,
    customStatus: null,
  };
}

/**
 * An orchestration whose code the test tells as a list: what it has asked for by the end of each episode. When it asked for each
 * of it follows from what the step before waited for.
 */
export class Episodes {
  execution: OrchestrationExecution;
  /** What the orchestrator was shown in the latest episode. */
  shown: readonly HistoryEvent[] = [];
  readonly #walk = new ListWalk({
    instanceId: 'inst',
    executionId: 'exec',
    parentInstanceId: null,
    timers: AZURE_STORAGE_LIMITS,
  });
  #walkedCount = 0;
  #shownCount = 0;
  #isFirst = true;

  constructor(history: readonly HistoryEvent[] = [orchestratorStarted(0), startedEvent]) {
    this.execution = new OrchestrationExecution(toInstanceId('inst'), history, {
      checkFunction: () => undefined,
      limits: AZURE_STORAGE_LIMITS,
      maxActions: 100_000,
      defaultHttpPauseMs: 30_000,
    });
  }

  /** One episode; the first one has its events from the constructor. */
  run(answer: SdkAnswer, events: readonly HistoryEvent[] = [], seconds = 1): Decision {
    if (!this.#isFirst || events.length > 0) {
      this.execution.beginEpisode(events, START_MS + seconds * 1000);
    }
    this.#isFirst = false;
    this.#walkAll(answer.actions);
    const feed = this.execution.feed();
    const shown: HistoryEvent[] = [];
    for (;;) {
      const next = feed.next(this.#walk.askedAfter(this.#shownCount));
      if (!next) break;
      this.#shownCount++;
      shown.push(next.event);
    }
    this.shown = shown;
    return decide(this.execution, answer, { now: at(seconds), newId: () => 'f'.repeat(32) });
  }

  #walkAll(actions: SdkActions): void {
    const { events } = this.execution.state;
    try {
      do {
        const unseen = events.slice(this.#walkedCount);
        const shown = this.#walk.deliveries;
        this.#walkedCount += this.#walk.advance(actions, unseen, this.#walkedCount, shown);
      } while (this.#walk.isHalted);
    } catch (error) {
      // The replay of the execution finds it, too.
      if (!(error instanceof ReplayFailure)) throw error;
    }
  }
}

/** What leaves, in short: `0:A` for an activity, `1:timer 00:05`, `op`, … */
export function sent(outbox: readonly TaskMessage[]): string[] {
  return outbox.map(({ event: { ...e } }) => {
    switch (e.EventType) {
      case 'TaskScheduled':
        return `${e.EventId}:${e.Name}`;
      case 'TimerFired':
        return `${e.TimerId}:timer +${(Date.parse(e.FireAt) - START_MS) / 1000}s`;
      case 'ExecutionStarted':
        return `start ${e.Name} ${e.OrchestrationInstance.InstanceId}`;
      default:
        return e.EventType;
    }
  });
}
