/**
 * Table entities as functions see them: JSON objects with PartitionKey and RowKey. Whole numbers are stored as 64 bits and texts
 * stay texts, dates and GUIDs included; objects and lists become their JSON. Mirrors CreateTableEntityFromJObject and
 * ConvertEntityToJObject of the WebJobs tables extension.
 */
import type { TableEntity, TransactionAction } from '@azure/data-tables';
import { ownMember } from '../base/own-member.ts';
import { InvalidInputError } from '../core/errors.ts';

/** A stored value, as the client gives it with `disableTypeConversion`. */
interface StoredValue {
  readonly type: string;
  readonly value: string | number | boolean;
}

export interface EntityKeys {
  readonly partitionKey: string;
  readonly rowKey: string;
}

export interface EntityWrite {
  readonly keys: EntityKeys;
  readonly action: TransactionAction;
}

/** Members of the client's answer that the extension does not show. */
const HIDDEN = new Set(['etag', 'timestamp', 'odata.metadata', 'odata.etag']);
const KEY_NAMES: Readonly<Record<string, string>> = {
  partitionKey: 'PartitionKey',
  rowKey: 'RowKey',
};

/**
 * What storing the object means: to insert it, or with an `etag` to replace what is there: `*` whatever it is.
 * @param defaults the keys of the binding, for an object without its own.
 * @throws {InvalidInputError} when a key is missing.
 */
export function toEntityWrite(
  object: Readonly<Record<string, unknown>>,
  defaults: Partial<EntityKeys>,
): EntityWrite {
  const properties: [string, unknown][] = [];
  const own: { partitionKey?: string; rowKey?: string; etag?: string } = {};
  for (const [name, value] of Object.entries(object)) {
    if (value === null || value === undefined) continue;
    const reserved = ownMember(RESERVED, name.toLowerCase());
    if (reserved === undefined) properties.push([name, toStored(value)]);
    else own[reserved] = typeof value === 'string' ? value : JSON.stringify(value);
  }
  const keys = {
    partitionKey: required(own.partitionKey ?? defaults.partitionKey, 'PartitionKey'),
    rowKey: required(own.rowKey ?? defaults.rowKey, 'RowKey'),
  };
  return { keys, action: actionFor({ ...Object.fromEntries(properties), ...keys }, own.etag) };
}

const RESERVED: Readonly<Record<string, 'partitionKey' | 'rowKey' | 'etag'>> = {
  partitionkey: 'partitionKey',
  rowkey: 'rowKey',
  etag: 'etag',
  'odata.etag': 'etag',
};

/** JSON text of the entity. Whole numbers beyond those of JavaScript keep their digits. */
export function entityJson(entity: object): string {
  const members = Object.entries(entity)
    .filter(([name]) => !HIDDEN.has(name))
    .map(
      ([name, value]) =>
        `${JSON.stringify(ownMember(KEY_NAMES, name) ?? name)}:${valueJson(value)}`,
    );
  return `{${members.join(',')}}`;
}

function actionFor(entity: TableEntity, etag: string | undefined): TransactionAction {
  if (etag === undefined || etag === '') return ['create', entity];
  return etag === '*' ? ['upsert', entity, 'Replace'] : ['update', entity, 'Replace', { etag }];
}

function required(key: string | undefined, name: string): string {
  if (key !== undefined) return key;
  throw new InvalidInputError(`The entity has no ${name}, and the binding gives none.`);
}

function toStored(value: unknown): unknown {
  switch (typeof value) {
    case 'string':
    case 'boolean':
      return value;
    case 'number':
      return Number.isInteger(value) && Math.abs(value) < 2 ** 63
        ? { type: 'Int64', value: BigInt(value).toString() }
        : { type: 'Double', value: String(value) };
    default:
      return JSON.stringify(value, null, 2);
  }
}

function valueJson(stored: unknown): string {
  if (!isStoredValue(stored)) return JSON.stringify(stored);
  const { type, value } = stored;
  switch (type) {
    case 'Int32':
    case 'Int64':
    case 'Boolean':
      return String(value);
    case 'Double':
      // The service tells infinities and NaN by name.
      return Number.isFinite(Number(value)) ? String(Number(value)) : JSON.stringify(value);
    case 'DateTime':
      // As .NET writes a DateTimeOffset.
      return JSON.stringify(String(value).replace(/(?:(\.\d*[1-9])0*|\.0+)?Z$/, '$1+00:00'));
    default:
      return JSON.stringify(value);
  }
}

function isStoredValue(value: unknown): value is StoredValue {
  return typeof value === 'object' && value !== null && 'type' in value && 'value' in value;
}
