/** Entities are addressed as `@name@key`; the name is lower-cased, the key is not. Mirrors EntityId. */
import { InvalidInputError } from '../errors.ts';
import { toInstanceId, type InstanceId } from '../ids.ts';

export interface EntityId {
  /** Lower case. */
  readonly name: string;
  readonly key: string;
}

/** What a table's partition key can hold, in UTF-16 units: a longer id could never be stored. */
const MAX_ENTITY_ID_LENGTH = 512;

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
 * @throws {InvalidInputError} for `/ \ # ?` or control characters, a name that is empty or has an `@`, and an id that is too long.
 */
export function checkEntityId(entity: EntityId): void {
  if (entity.name === '' || /[/\\#?@\u0000-\u001f\u007f-\u009f]/.test(entity.name)) {
    throw new InvalidInputError(`'${entity.name}' is not an entity name.`);
  }
  if (/[/\\#?\u0000-\u001f\u007f-\u009f]/.test(entity.key)) {
    throw new InvalidInputError('Entity keys must not contain /, \\, #, ?, or control characters.');
  }
  checkEntityIdLength(entityInstanceId(entity));
}

/** @throws {InvalidInputError} */
export function checkEntityIdLength(instanceId: string): void {
  // Characters that a table key may not hold are stored as two.
  const stored = instanceId.replace(/[\^/\\#?\u0000-\u001f\u007f-\u009f]/g, '^^').length;
  if (stored <= MAX_ENTITY_ID_LENGTH) return;
  throw new InvalidInputError(
    `The entity id '${instanceId.slice(0, 40)}…' is too long: @name@key must not exceed ${MAX_ENTITY_ID_LENGTH} characters.`,
  );
}
