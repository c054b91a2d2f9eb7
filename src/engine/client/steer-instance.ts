/**
 * Messages that steer one instance: an event, terminate, suspend, resume. The row is looked at first, so that the caller hears
 * at once of what the instance would not do; the message decides nothing. For whole trees see `instance-tree.ts`.
 */
import {
  InstanceNotFoundError,
  InstanceStateConflictError,
  InvalidInputError,
} from '../../core/errors.ts';
import type { InstanceId } from '../../core/ids.ts';
import { isTerminal, type InstanceRecord } from '../../core/instance-status.ts';
import {
  raiseEventMessage,
  resumeMessage,
  suspendMessage,
  terminateMessage,
} from '../../core/lifecycle/control-messages.ts';
import type { TaskMessage } from '../../core/task-message.ts';

/** What is asked of one instance. */
export interface Steer {
  /** @param now ISO 8601, UTC. */
  readonly message: (instanceId: InstanceId, now: string) => TaskMessage;
  /** Throws when the instance, which is not finished, would not do it. */
  readonly check?: (record: InstanceRecord) => void;
}

/** @throws {InvalidInputError} for an empty name. */
export function raiseEvent(eventName: string, input: string | null): Steer {
  if (eventName === '') throw new InvalidInputError('The name of an event must not be empty.');
  return { message: (id, now) => raiseEventMessage(id, eventName, input, now) };
}

export function terminate(reason: string | null): Steer {
  return { message: (id, now) => terminateMessage(id, reason, now) };
}

export function suspend(reason: string | null): Steer {
  return {
    message: (id, now) => suspendMessage(id, reason, now),
    check(record) {
      if (record.runtimeStatus === 'Suspended') throw cannot('suspend', record);
    },
  };
}

export function resume(reason: string | null): Steer {
  return {
    message: (id, now) => resumeMessage(id, reason, now),
    check(record) {
      if (record.runtimeStatus !== 'Suspended') throw cannot('resume', record);
    },
  };
}

/**
 * @param record the row of the instance; undefined when there is none.
 * @param nowMs since the epoch.
 * @returns the message to send.
 * @throws {InstanceNotFoundError}
 * @throws {InstanceStateConflictError} when the instance is finished, or would not do it.
 */
export function steeringMessage(
  instanceId: string,
  record: InstanceRecord | undefined,
  { message, check }: Steer,
  nowMs: number,
): TaskMessage {
  if (!record) throw new InstanceNotFoundError(instanceId);
  if (isTerminal(record.runtimeStatus)) {
    throw new InstanceStateConflictError(
      instanceId,
      record.runtimeStatus,
      `The instance '${instanceId}' is ${record.runtimeStatus} and can no longer be changed.`,
    );
  }
  check?.(record);
  return message(record.instanceId, new Date(nowMs).toISOString());
}

function cannot(operation: string, record: InstanceRecord): InstanceStateConflictError {
  return new InstanceStateConflictError(
    record.instanceId,
    record.runtimeStatus,
    `Cannot ${operation} the orchestration instance ${record.instanceId} because instance is in the ${record.runtimeStatus} state.`,
  );
}
