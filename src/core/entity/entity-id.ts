/** Entities are addressed as `@name@key`; the name is lower-cased, the key is not. Mirrors EntityId. */
import type { BackendLimits } from '../backend-limits.ts';
import { InvalidInputError } from '../errors.ts';
import { toInstanceId, type InstanceId } from '../ids.ts';

export interface EntityId {
  /** Lower case. */
  readonly name: string;
  readonly key: string;
}

/** @throws {InvalidInputError} when the text is not `@name@key`. */
export function parseEntityId(text: string): EntityId {
  const second = text.indexOf('@', 1);
  if (!text.startsWith('@') || second < 0) {
    throw new InvalidInputError(`'${text}' is not an entity id: it must have the form @name@key.`);
  }
  return { name: text.slice(1, second).toLowerCase(), key: text.slice(second + 1) };
}

export function entityInstanceId(entity: EntityId): InstanceId {
  return toInstanceId(`@${entity.name.toLowerCase()}@${entity.key}`);
}

/**
 * Checks an entity id chosen by a client. Mirrors the checks of DurableClient.SignalEntityAsync.
 * @throws {InvalidInputError} for `/ \ # ?` or control characters, a name that is empty or has an `@`, and an id that storage cannot hold.
 */
export function checkEntityId(entity: EntityId, limits: Pick<BackendLimits, 'idProblem'>): void {
  if (entity.name === '' || /[/\\#?@\u0000-\u001f\u007f-\u009f]/.test(entity.name)) {
    throw new InvalidInputError(`'${entity.name}' is not an entity name.`);
  }
  if (/[/\\#?\u0000-\u001f\u007f-\u009f]/.test(entity.key)) {
    throw new InvalidInputError('Entity keys must not contain /, \\, #, ?, or control characters.');
  }
  checkStoredEntityId(entityInstanceId(entity), limits);
}

/** @throws {InvalidInputError} when storage could never hold the entity. */
export function checkStoredEntityId(
  instanceId: string,
  limits: Pick<BackendLimits, 'idProblem'>,
): void {
  const problem = limits.idProblem(instanceId);
  if (problem === undefined) return;
  throw new InvalidInputError(
    `The entity id '${instanceId.slice(0, 40)}…' cannot be stored: @name@key ${problem}.`,
  );
}
