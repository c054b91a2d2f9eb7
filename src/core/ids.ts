/** The ids that travel through the product, branded so that they cannot be mixed up. */
import { InvalidInputError } from './errors.ts';

declare const brand: unique symbol;

export type InstanceId = string & { readonly [brand]: 'InstanceId' };
/** Identifies one generation of an instance: new at each start, restart and continue-as-new. */
export type ExecutionId = string & { readonly [brand]: 'ExecutionId' };

/** The longest instance id that a client may choose, in UTF-16 units. */
export const MAX_INSTANCE_ID_LENGTH = 100;

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

/** Entity instances are addressed as `@name@key`. */
export function isEntityId(instanceId: string): boolean {
  return instanceId.startsWith('@');
}
