/**
 * The documents in which the Functions host keeps keys: `host.json` with the keys of the host, `<function>.json` with those of one
 * function. Mirrors HostSecrets, FunctionSecrets and ScriptSecretSerializerV1. What we do not know in them stays as it is.
 */
import { parseRecord, withoutBom } from '../../base/json.ts';
import { DurableError, NotSupportedError } from '../../core/errors.ts';

export interface NamedKey {
  readonly name: string;
  readonly value: string;
}

/** The lists that a document has; in that of the host, `masterKey` stands alone and is a list of one here. */
export type KeyList = 'masterKey' | 'functionKeys' | 'systemKeys' | 'keys';

export interface SecretsDocument {
  readonly lists: Readonly<Partial<Record<KeyList, readonly NamedKey[]>>>;
  /** Members that are not keys: `hostName`, `source`, … */
  readonly others: Readonly<Record<string, unknown>>;
}

const LISTS: readonly KeyList[] = ['masterKey', 'functionKeys', 'systemKeys', 'keys'];

/**
 * @param place of the document, for errors.
 * @throws {DurableError} for text that is no such document.
 * @throws {NotSupportedError} for keys that another host has encrypted.
 */
export function parseSecrets(text: string, place: string): SecretsDocument {
  const lists: Partial<Record<KeyList, readonly NamedKey[]>> = {};
  const others: [string, unknown][] = [];
  const document = parseRecord(withoutBom(text));
  if (document === undefined) throw unreadable(place);
  for (const [name, value] of Object.entries(document)) {
    const list = LISTS.find((each) => each === name);
    if (list === undefined) others.push([name, value]);
    else lists[list] = toKeys(value, place);
  }
  return { lists, others: Object.fromEntries(others) };
}

export function formatSecrets({ lists, others }: SecretsDocument): string {
  const { masterKey, ...rest } = lists;
  const [master] = masterKey ?? [];
  const members = Object.entries(rest).map(([name, keys]) => [name, keys.map(toStored)] as const);
  return `${JSON.stringify(
    { ...(master && { masterKey: toStored(master) }), ...Object.fromEntries(members), ...others },
    null,
    2,
  )}\n`;
}

export function findKey(keys: readonly NamedKey[] = [], name: string): NamedKey | undefined {
  return keys.find((key) => key.name.toLowerCase() === name.toLowerCase());
}

function toStored({ name, value }: NamedKey): object {
  return { name, value, encrypted: false };
}

function toKeys(value: unknown, place: string): readonly NamedKey[] {
  const items: readonly unknown[] = Array.isArray(value) ? value : [value ?? []].flat();
  return items.map((item) => {
    const key = (item ?? {}) as Readonly<Record<string, unknown>>;
    const { name, value: secret, encrypted } = key;
    if (encrypted === true) {
      throw new NotSupportedError(
        `A key in ${place} is encrypted, and only the host that encrypted it can read it. Delete ${place} to have new keys made, or write the keys as plain text with "encrypted": false.`,
      );
    }
    if (typeof name !== 'string' || typeof secret !== 'string' || secret === '') {
      throw unreadable(place);
    }
    return { name, value: secret };
  });
}

function unreadable(place: string): DurableError {
  return new DurableError(
    'CONFIG',
    `${place} does not hold keys as the Functions host writes them. Delete it to have new keys made, or put the right one back.`,
  );
}
