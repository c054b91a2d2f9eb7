/**
 * The request of an operation that cannot be run, as a replay delivers it again. The entity has taken it, stored that, and would
 * drop its like; so it is a signal of its own, with an id that the entity does not know, and stamped by nobody. Who called has been told of the
 * failure, and is not answered twice.
 */
import { toInstanceId } from '../ids.ts';
import type { TaskMessage } from '../task-message.ts';
import { entityMessage, type EntityContext } from './entity-message.ts';
import { lastingId, stepIdOf } from './request-id.ts';
import { encodeRequest, type EntityRequest } from './request-message.ts';

export interface RequestToPutBack {
  /** The same for the same request, whenever it is asked for. */
  readonly id: string;
  readonly message: TaskMessage;
}

export function requestToPutBack(request: EntityRequest, context: EntityContext): RequestToPutBack {
  const { operation, input, parentInstanceId, parentExecutionId } = request;
  const { instanceId } = context;
  const cause = lastingId(request);
  const id = stepIdOf({ cause, index: 0, target: instanceId, operation: operation ?? '', input });
  const signal = { isSignal: true, parentInstanceId: null, parentExecutionId: null, due: null };
  const trace = request.trace === undefined ? {} : { trace: request.trace };
  const message = entityMessage(
    context,
    { instanceId, executionId: null },
    { name: 'op', input: encodeRequest({ operation, input, id, ...signal, ...trace }) },
  );
  // For people: who asked.
  const sender = {
    instanceId: toInstanceId(parentInstanceId ?? ''),
    executionId: parentExecutionId ?? '',
  };
  return { id, message: { ...message, sender } };
}
