/** What travels between clients, orchestrations, entities and activities: an event, who it is for and who sent it. */
import type {
  ExecutionStartedEvent,
  HistoryEvent,
  TaskScheduledEvent,
  Tags,
} from './history-event.ts';
import type { ExecutionId, InstanceId } from './ids.ts';
import { isEntityId } from './ids.ts';

export interface MessageTarget {
  readonly instanceId: InstanceId;
  /** null addresses whatever generation is current. */
  readonly executionId: ExecutionId | null;
}

export interface MessageSender {
  /** Empty for clients. */
  readonly instanceId: string;
  /** Empty for clients; null from an entity that was never used before. */
  readonly executionId: string | null;
}

export interface TaskMessage<Event extends HistoryEvent = HistoryEvent> {
  readonly event: Event;
  /** For TaskScheduled: the scheduling orchestration. */
  readonly target: MessageTarget;
  readonly sender: MessageSender;
  /** Number of episodes (OrchestratorStarted events) of the sender at send time; absent from clients. */
  readonly episode?: number;
  /**
   * On TaskScheduled and sub-orchestration starts the tags of the sending orchestration. On others what the .NET extension
   * passes over: see `answered-request.ts` and `lifecycle/steer-children.ts`.
   */
  readonly orchestrationTags?: Tags;
}

export type StartMessage = TaskMessage<ExecutionStartedEvent>;
export type ActivityMessage = TaskMessage<TaskScheduledEvent>;

export const CLIENT_SENDER: MessageSender = { instanceId: '', executionId: '' };

/** TaskScheduled goes to the work-item queue; everything else to the control queue of its target. */
export function isActivityMessage(message: TaskMessage): message is ActivityMessage {
  return message.event.EventType === 'TaskScheduled';
}

export function isStartMessage(message: TaskMessage): message is StartMessage {
  return message.event.EventType === 'ExecutionStarted';
}

/**
 * When the message may be delivered, in ms since the epoch, or undefined for "at once": a timer's due time, a scheduled
 * start, or the time in an entity operation's name (`op@2026-…`).
 * Mirrors AzureStorageOrchestrationService's initial visibility delays.
 */
export function dueTimeMs(message: TaskMessage): number | undefined {
  const { event } = message;
  const text =
    event.EventType === 'TimerFired'
      ? event.FireAt
      : event.EventType === 'ExecutionStarted'
        ? event.ScheduledStartTime
        : event.EventType === 'EventRaised' &&
            isEntityId(message.target.instanceId) &&
            event.Name[2] === '@'
          ? event.Name.slice(3)
          : null;
  if (text === null) return undefined;
  const time = Date.parse(text);
  if (Number.isNaN(time)) return undefined;
  // .NET writes 100 ns digits, which Date drops: never early, rather a millisecond late.
  return /\.\d{3}0*[1-9]/.test(text) ? time + 1 : time;
}
