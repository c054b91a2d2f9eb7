/** The ids that travel through the product, branded so that they cannot be mixed up. */
import { InvalidInputError } from './errors.ts';

declare const brand: unique symbol;

export type InstanceId = string & { readonly [brand]: 'InstanceId' };
/** Identifies one generation of an instance: new at each start, restart and continue-as-new. */
export type ExecutionId = string & { readonly [brand]: 'ExecutionId' };

/** The longest instance id that a client may choose, in UTF-16 units. */
export const MAX_INSTANCE_ID_LENGTH = 100;

/** The longest id that the partition key of a table holds, in UTF-16 units. */
const MAX_STORED_ID_LENGTH = 512;

/** Brands text that is already trusted: read from storage, or made by the engine. */
export function toInstanceId(text: string): InstanceId {
  return text as InstanceId;
}

/** Brands text that is already trusted: read from storage, or made by the engine. */
export function toExecutionId(text: string): ExecutionId {
  return text as ExecutionId;
}

/**
 * Checks an instance id chosen by a client. Mirrors the checks of DurableClient.StartNewAsync.
 * @throws {InvalidInputError} for a leading `@`, for `/ \ # ?` or control characters, and for more than 100 characters.
 */
export function parseInstanceId(text: string): InstanceId {
  if (text.startsWith('@')) {
    throw new InvalidInputError('Orchestration instance ids must not start with @.');
  }
  if (/[/\\#?\u0000-\u001f\u007f-\u009f]/.test(text)) {
    throw new InvalidInputError(
      'Orchestration instance ids must not contain /, \\, #, ?, or control characters.',
    );
  }
  if (text.length > MAX_INSTANCE_ID_LENGTH) {
    throw new InvalidInputError(
      `Instance ID lengths must not exceed ${MAX_INSTANCE_ID_LENGTH} characters.`,
    );
  }
  return toInstanceId(text);
}

/**
 * Why storage could never hold an instance or entity with this id, chosen by an orchestrator: it would be started, or asked,
 * again and again. Completes "The id …"; undefined when it is fine.
 */
export function storedIdProblem(id: string): string | undefined {
  // Characters that a table key may not hold are stored as two.
  const stored = id.replace(/[\^/\\#?\u0000-\u001f\u007f-\u009f]/g, '^^').length;
  if (stored > MAX_STORED_ID_LENGTH) return `must not exceed ${MAX_STORED_ID_LENGTH} characters`;
  if (/\p{Surrogate}/u.test(id)) return 'must not contain half of a surrogate pair';
  // As a part of a blob's path they mean something else.
  if (id === '.' || id === '..') return "must not be '.' or '..'";
  return undefined;
}

/** Entity instances are addressed as `@name@key`. */
export function isEntityId(instanceId: string): boolean {
  return instanceId.startsWith('@');
}
