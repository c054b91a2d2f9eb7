/** Entities are addressed as `@name@key`; the name is lower-cased, the key is not. Mirrors EntityId. */
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
