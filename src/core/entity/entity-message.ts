/** The messages that an entity sends: events, to instances or to itself. */
import { toExecutionId, type InstanceId } from '../ids.ts';
import type { TaskMessage } from '../task-message.ts';

export interface EntityContext {
  readonly instanceId: InstanceId;
  /** Of the execution that is stored; null for an entity that was never used. */
  readonly executionId: string | null;
  readonly nowMs: number;
  readonly newId: () => string;
}

/** @param executionId null addresses whatever generation of the target is current. */
export function entityMessage(
  context: EntityContext,
  target: { readonly instanceId: InstanceId; readonly executionId: string | null },
  event: { readonly name: string; readonly input: string | null },
): TaskMessage {
  const { instanceId, executionId } = target;
  return {
    event: {
      EventType: 'EventRaised',
      EventId: -1,
      IsPlayed: false,
      Timestamp: new Date(context.nowMs).toISOString(),
      Name: event.name,
      Input: event.input,
      ParentTraceContext: null,
    },
    target: { instanceId, executionId: executionId === null ? null : toExecutionId(executionId) },
    sender: { instanceId: context.instanceId, executionId: context.executionId },
    episode: 1,
  };
}

/** Wakes the entity again when it stopped before its queue was empty. */
export function continueMessage(context: EntityContext): TaskMessage {
  const target = { instanceId: context.instanceId, executionId: null };
  return entityMessage(context, target, { name: 'continue', input: null });
}
