/** The messages that an entity sends: events, to instances or to itself. */
import { toExecutionId, type InstanceId } from '../ids.ts';
import { stepTags } from '../answered-request.ts';
import type { TaskMessage } from '../task-message.ts';
import type { EntityRequest } from './request-message.ts';

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

/** The answer to a request of an orchestration. */
export function answerMessage(
  request: EntityRequest,
  asker: InstanceId,
  answer: string,
  context: EntityContext,
): TaskMessage {
  const message = entityMessage(
    context,
    { instanceId: asker, executionId: request.parentExecutionId },
    { name: request.id, input: answer },
  );
  if (request.stepId === undefined) return message;
  return { ...message, orchestrationTags: stepTags(request.stepId) };
}

/** Wakes the entity again when it stopped before its queue was empty. */
export function continueMessage(context: EntityContext): TaskMessage {
  const target = { instanceId: context.instanceId, executionId: null };
  return entityMessage(context, target, { name: 'continue', input: null });
}
