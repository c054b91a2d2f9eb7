/** The messages by which clients steer a running instance. They address whatever generation is current. */
import type { HistoryEvent } from '../history-event.ts';
import type { InstanceId } from '../ids.ts';
import { CLIENT_SENDER, type TaskMessage } from '../task-message.ts';

const EVENT = { EventId: -1, IsPlayed: false } as const;

/** @param input JSON text; null for none. @param now ISO 8601, UTC. */
export function raiseEventMessage(
  instanceId: InstanceId,
  eventName: string,
  input: string | null,
  now: string,
): TaskMessage {
  return fromClient(instanceId, {
    ...EVENT,
    EventType: 'EventRaised',
    Timestamp: now,
    Name: eventName,
    Input: input,
    ParentTraceContext: null,
  });
}

export function terminateMessage(
  instanceId: InstanceId,
  reason: string | null,
  now: string,
): TaskMessage {
  return fromClient(instanceId, {
    ...EVENT,
    EventType: 'ExecutionTerminated',
    Timestamp: now,
    Input: reason,
  });
}

export function suspendMessage(
  instanceId: InstanceId,
  reason: string | null,
  now: string,
): TaskMessage {
  return fromClient(instanceId, {
    ...EVENT,
    EventType: 'ExecutionSuspended',
    Timestamp: now,
    Reason: reason,
  });
}

export function resumeMessage(
  instanceId: InstanceId,
  reason: string | null,
  now: string,
): TaskMessage {
  return fromClient(instanceId, {
    ...EVENT,
    EventType: 'ExecutionResumed',
    Timestamp: now,
    Reason: reason,
  });
}

function fromClient(instanceId: InstanceId, event: HistoryEvent): TaskMessage {
  return { event, target: { instanceId, executionId: null }, sender: CLIENT_SENDER };
}
