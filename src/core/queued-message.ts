/** A message that lies in a queue of a hub, as it is seen by who takes nothing. */
import { type MessageFacts, taskEventIdOf } from './poison-message.ts';
import type { TaskMessage } from './task-message.ts';

export interface QueuedMessage extends Pick<
  MessageFacts,
  'instanceId' | 'executionId' | 'eventType' | 'taskEventId'
> {
  /** Of the function, event or operation that it is about; null where there is none, or it cannot be read. */
  readonly name: string | null;
  /** ISO 8601, UTC; null where storage does not tell. */
  readonly insertedTime: string | null;
  /** ISO 8601, UTC: before that it is not delivered; null for one that can be taken now. */
  readonly dueTime: string | null;
  /** How often it was delivered. */
  readonly dequeueCount: number;
  /** JSON, unless it cannot be read. What lies in a blob is named, and not read. */
  readonly body: string;
}

export function queuedMessageOf(
  message: TaskMessage,
  row: Pick<QueuedMessage, 'insertedTime' | 'dueTime' | 'dequeueCount'> & {
    readonly body?: string;
  },
): QueuedMessage {
  const { event, target } = message;
  return {
    instanceId: target.instanceId,
    executionId: target.executionId,
    eventType: event.EventType,
    taskEventId: taskEventIdOf(event),
    name: 'Name' in event ? event.Name : null,
    body: JSON.stringify(message),
    ...row,
  };
}
