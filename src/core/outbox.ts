/**
 * From what the replay scheduled to what leaves: for each request the history event that records it and the message that
 * carries it out. Mirrors TaskOrchestrationDispatcher's Process…Action methods.
 */
import { answerTags, requestTags } from './answered-request.ts';
import type { ExecutionCompletedEvent, ExecutionStartedEvent } from './history-event.ts';
import { toExecutionId, toInstanceId, type ExecutionId, type InstanceId } from './ids.ts';
import { defaultChildId } from './replay/sub-orchestration.ts';
import type { Scheduled, ScheduledEvent } from './replay/scheduled.ts';
import type { TaskMessage } from './task-message.ts';
import { toTraceContext, traceOfExecution, traceRequest } from './trace-context.ts';

export interface Sending {
  readonly instanceId: InstanceId;
  readonly executionId: ExecutionId;
  readonly started: ExecutionStartedEvent;
  readonly episode: number;
  /** ISO 8601, UTC. */
  readonly now: string;
  readonly newId: () => string;
  /** Ids of the spans that tell of requests; absent where no spans are made. */
  readonly newSpanId?: (() => string) | undefined;
}

export interface Dispatched {
  readonly event: ScheduledEvent;
  readonly message: TaskMessage;
}

export function dispatch(from: Sending, id: number, scheduled: Scheduled): Dispatched {
  const common = { EventId: id, IsPlayed: false, Timestamp: from.now };
  const sender = { instanceId: from.instanceId, executionId: from.executionId };
  const self = { instanceId: from.instanceId, executionId: from.executionId };
  const envelope = { sender, episode: from.episode };
  const tags = from.started.Tags ?? {};
  const trace = traceOfExecution(from.started);
  switch (scheduled.kind) {
    case 'activity': {
      const event = {
        ...common,
        EventType: 'TaskScheduled' as const,
        Name: scheduled.name,
        Version: scheduled.version,
        Input: scheduled.input,
        ParentTraceContext: traceRequest(trace, from.newSpanId)?.context ?? null,
        Tags: null,
      };
      const orchestrationTags = requestTags(tags, common.Timestamp);
      return { event, message: { ...envelope, target: self, event, orchestrationTags } };
    }
    case 'timer': {
      const event = {
        ...common,
        EventType: 'TimerCreated' as const,
        FireAt: scheduled.fireAt,
      };
      return {
        event,
        message: {
          ...envelope,
          target: self,
          event: {
            ...common,
            EventId: -1,
            EventType: 'TimerFired',
            TimerId: id,
            FireAt: scheduled.fireAt,
          },
        },
      };
    }
    case 'subOrchestration': {
      const childId = toInstanceId(scheduled.instanceId || defaultChildId(from.executionId, id));
      const childExecutionId = toExecutionId(from.newId());
      const traced = traceRequest(trace, from.newSpanId);
      return {
        event: {
          ...common,
          EventType: 'SubOrchestrationInstanceCreated',
          Name: scheduled.name,
          Version: scheduled.version,
          InstanceId: childId,
          Input: scheduled.input,
          ClientSpanId: traced?.spanId ?? null,
          Tags: null,
        },
        message: {
          ...envelope,
          target: { instanceId: childId, executionId: childExecutionId },
          orchestrationTags: tags,
          event: {
            ...common,
            EventId: -1,
            EventType: 'ExecutionStarted',
            OrchestrationInstance: { InstanceId: childId, ExecutionId: childExecutionId },
            ParentInstance: {
              Name: from.started.Name,
              OrchestrationInstance: {
                InstanceId: from.instanceId,
                ExecutionId: from.executionId,
              },
              TaskScheduleId: id,
              Version: from.started.Version,
              AskedAt: common.Timestamp,
            },
            Name: scheduled.name,
            Version: scheduled.version,
            Input: scheduled.input,
            Tags: from.started.Tags,
            Correlation: null,
            ParentTraceContext: traced?.context ?? null,
            ScheduledStartTime: null,
            Generation: null,
            GenerateNewTrace: false,
          },
        },
      };
    }
    case 'sendEvent': {
      const input = scheduled.input({ trace, newSpanId: from.newSpanId, now: from.now });
      return {
        event: {
          ...common,
          EventType: 'EventSent',
          InstanceId: scheduled.instanceId,
          Name: scheduled.eventName,
          Input: input,
        },
        message: {
          ...envelope,
          target: { instanceId: toInstanceId(scheduled.instanceId), executionId: null },
          event: {
            ...common,
            EventId: -1,
            EventType: 'EventRaised',
            Name: scheduled.eventName,
            Input: input,
            ParentTraceContext: trace ? toTraceContext(trace) : null,
          },
        },
      };
    }
  }
}

/** The answer that a finished sub-orchestration owes its parent; undefined for a top-level instance. */
export function answerToParent(
  from: Sending,
  completed: ExecutionCompletedEvent,
  details: string | null,
): TaskMessage | undefined {
  const parent = from.started.ParentInstance;
  if (!parent || (from.started.Tags && 'FireAndForget' in from.started.Tags)) return undefined;
  const { InstanceId, ExecutionId } = parent.OrchestrationInstance;
  const { AskedAt: askedAt } = parent;
  const common = {
    EventId: -1,
    IsPlayed: false,
    Timestamp: from.now,
    TaskScheduledId: parent.TaskScheduleId,
  };
  return {
    sender: { instanceId: from.instanceId, executionId: from.executionId },
    episode: from.episode,
    ...(askedAt === undefined
      ? {}
      : { orchestrationTags: answerTags({ askedAt, name: from.started.Name }) }),
    target: {
      instanceId: toInstanceId(InstanceId),
      executionId: ExecutionId === null ? null : toExecutionId(ExecutionId),
    },
    event:
      completed.OrchestrationStatus === 'Completed'
        ? {
            ...common,
            EventType: 'SubOrchestrationInstanceCompleted',
            Result: completed.Result,
          }
        : {
            ...common,
            EventType: 'SubOrchestrationInstanceFailed',
            Reason: completed.Result,
            Details: details,
            FailureDetails: completed.FailureDetails,
          },
  };
}
