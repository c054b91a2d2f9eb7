/**
 * Messages that were given up and set aside, out of the way of the others, until somebody looks: what is kept of each, and what is
 * told to those who would wait for ever.
 */
import { type AnsweredRequest, answerTags } from './answered-request.ts';
import type { HistoryEvent } from './history-event.ts';
import { toExecutionId, toInstanceId } from './ids.ts';
import { CLIENT_SENDER, type TaskMessage } from './task-message.ts';

/** As it lies in the poison store of its hub. */
export interface PoisonMessage {
  /** In the store: letters, digits and dashes. */
  readonly id: string;
  /** ISO 8601, UTC. */
  readonly setAsideTime: string;
  /** Why it was given up. */
  readonly reason: string;
  /** The queue that it was taken from, and goes back to. */
  readonly origin: string;
  /** How often it had been delivered. */
  readonly dequeueCount: number;
  /** Of the instance that it was for; null where that cannot be read. */
  readonly instanceId: string | null;
  /** `TaskScheduled`, say; null where that cannot be read. */
  readonly eventType: string | null;
  /** Of the task that it asks for or answers; null where there is none, or it cannot be read. */
  readonly taskEventId: number | null;
  /** The text of a message that cannot be read, as it lay in its queue; of others the whole message, large payloads included. */
  readonly body: string;
}

/** What can still be told of a message that cannot be read. */
export interface MessageFacts {
  readonly instanceId: string | null;
  readonly executionId: string | null;
  readonly eventType: string | null;
  /** Of the task that it asks for (activity, sub-orchestration) or answers. */
  readonly taskEventId: number | null;
  /** Of the start of a sub-orchestration: who asked. */
  readonly parent: { readonly instanceId: string; readonly executionId: string | null } | null;
  /** Of requests only. */
  readonly request: AnsweredRequest | null;
}

export const NO_FACTS: MessageFacts = {
  instanceId: null,
  executionId: null,
  eventType: null,
  taskEventId: null,
  parent: null,
  request: null,
};

/** The id of the task that an event asks for or answers; null for other events. */
export function taskEventIdOf(event: HistoryEvent): number | null {
  switch (event.EventType) {
    case 'TaskScheduled':
      return event.EventId;
    case 'ExecutionStarted':
      return event.ParentInstance?.TaskScheduleId ?? null;
    case 'TimerFired':
      return event.TimerId;
    default:
      return 'TaskScheduledId' in event ? event.TaskScheduledId : null;
  }
}

/**
 * The failure of the task that a message asked for, or would have answered: its orchestrator can catch it.
 * @param now ISO 8601, UTC.
 * @returns undefined where nobody waits for the message, or it cannot be told who does.
 */
export function failureInPlaceOf(
  facts: MessageFacts,
  { reason, now }: { readonly reason: string; readonly now: string },
): TaskMessage | undefined {
  const { taskEventId, parent, request } = facts;
  if (taskEventId === null) return undefined;
  const asker = facts.eventType === 'ExecutionStarted' ? parent : facts;
  if (asker === null || asker.instanceId === null) return undefined;
  const common = {
    EventId: -1,
    IsPlayed: false,
    Timestamp: now,
    TaskScheduledId: taskEventId,
    Reason: reason,
    FailureDetails: null,
  };
  const answer = (event: HistoryEvent): TaskMessage => ({
    event,
    target: {
      instanceId: toInstanceId(asker.instanceId ?? ''),
      executionId: asker.executionId === null ? null : toExecutionId(asker.executionId),
    },
    sender: CLIENT_SENDER,
    ...(request === null ? {} : { orchestrationTags: answerTags(request) }),
  });
  switch (facts.eventType) {
    case 'TaskScheduled':
    case 'TaskCompleted':
    case 'TaskFailed':
      return answer({ ...common, EventType: 'TaskFailed', Details: '' });
    case 'ExecutionStarted':
    case 'SubOrchestrationInstanceCompleted':
    case 'SubOrchestrationInstanceFailed':
      return answer({ ...common, EventType: 'SubOrchestrationInstanceFailed', Details: '' });
    default:
      return undefined;
  }
}
