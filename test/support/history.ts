/** Builds histories and SDK answers for tests of the core, in words. */
import type { HistoryEvent } from '../../src/core/history-event.ts';
import { toInstanceId } from '../../src/core/ids.ts';
import { OrchestrationExecution } from '../../src/core/orchestration-execution.ts';
import type { OrchestratorAnswer, RetryOptions, SdkAction } from '../../src/core/replay/action.ts';
import { decide, type Decision } from '../../src/core/decide.ts';
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
): Exclude<OrchestratorAnswer, { kind: 'aborted' }> {
  return {
    kind: 'ran',
    actions: { schema: 'nested', actions },
    isDone: rest.isDone ?? false,
    output: rest.output ?? null,
    customStatus: rest.customStatus ?? null,
  };
}

export function threw(
  actions: readonly SdkAction[],
  message = 'oops',
): Exclude<OrchestratorAnswer, { kind: 'aborted' }> {
  return {
    kind: 'threw',
    actions: { schema: 'nested', actions },
    message,
    failureDetails: null,
    customStatus: null,
  };
}

/** An orchestration whose SDK answers the test gives, episode by episode. */
export class Episodes {
  execution: OrchestrationExecution;
  #isFirst = true;

  constructor(history: readonly HistoryEvent[] = [orchestratorStarted(0), startedEvent]) {
    this.execution = new OrchestrationExecution(toInstanceId('inst'), history, {
      checkFunction: () => undefined,
      maxActions: 100_000,
      defaultHttpPauseMs: 30_000,
    });
  }

  /** One episode; the first one has its events from the constructor. */
  run(
    answer: Exclude<OrchestratorAnswer, { kind: 'aborted' }>,
    events: readonly HistoryEvent[] = [],
    seconds = 1,
  ): Decision {
    if (!this.#isFirst || events.length > 0) {
      this.execution.beginEpisode(events, START_MS + seconds * 1000);
    }
    this.#isFirst = false;
    return this.rerun(answer, seconds);
  }

  /** One episode in which the orchestrator runs, and answers the same, as often as it takes. */
  runOut(...[answer, events, seconds]: Parameters<Episodes['run']>): Decision {
    let decision = this.run(answer, events, seconds);
    while (decision.isIncomplete) decision = this.rerun(answer, seconds);
    return decision;
  }

  /** The orchestrator runs again in the same episode. */
  rerun(answer: Exclude<OrchestratorAnswer, { kind: 'aborted' }>, seconds = 1): Decision {
    this.execution.view();
    return decide(this.execution, answer, { now: at(seconds), newId: () => 'f'.repeat(32) });
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
