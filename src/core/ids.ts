/** The ids that travel through the product, branded so that they cannot be mixed up. */
import { InvalidInputError } from './errors.ts';

declare const brand: unique symbol;

export type InstanceId = string & { readonly [brand]: 'InstanceId' };
/** Identifies one generation of an instance: new at each start, restart and continue-as-new. */
export type ExecutionId = string & { readonly [brand]: 'ExecutionId' };

/** The longest instance id that a client may choose at a start, in UTF-16 units. */
export const MAX_INSTANCE_ID_LENGTH = 100;
/** The same for the copy of an instance. */
const MAX_COPY_ID_LENGTH = 256;

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
  const problem = problemOf(text);
  if (problem !== undefined) throw new InvalidInputError(`Orchestration instance ids ${problem}`);
  if (text.length > MAX_INSTANCE_ID_LENGTH) {
    throw new InvalidInputError(
      `Instance ID lengths must not exceed ${MAX_INSTANCE_ID_LENGTH} characters.`,
    );
  }
  return toInstanceId(text);
}

/**
 * Checks the id that a client chooses for a copy of an instance. Mirrors DurableClient.ValidateRestartTarget, word for word.
 * @throws {InvalidInputError} as `parseInstanceId`, but for a longer one than 256 characters.
 */
export function parseCopyId(text: string): InstanceId {
  const rule = problemOf(text);
  const problem =
    rule !== undefined
      ? `Orchestration instance IDs ${rule}`
      : text.length > MAX_COPY_ID_LENGTH
        ? `Instance ID lengths must not exceed ${MAX_COPY_ID_LENGTH} characters.`
        : undefined;
  if (problem === undefined) return toInstanceId(text);
  throw new InvalidInputError(`${problem} (Parameter 'newInstanceId')`);
}

/** What ids of orchestrations may not do. */
function problemOf(instanceId: string): string | undefined {
  if (instanceId.startsWith('@')) return 'must not start with @.';
  return /[/\\#?\u0000-\u001f\u007f-\u009f]/.test(instanceId)
    ? 'must not contain /, \\, #, ?, or control characters.'
    : undefined;
}

/** Entity instances are addressed as `@name@key`. */
export function isEntityId(instanceId: string): boolean {
  return instanceId.startsWith('@');
}
