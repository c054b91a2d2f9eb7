/**
 * The keys of a host: one master key, host-wide function and system keys, and keys of single functions, made when they are first
 * needed. What was read is kept for a while: another host's rotation is seen here within half a minute, and an unknown key is
 * looked up anew at once. Mirrors SecretManager of the Functions host.
 */
import { text } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import { CachedSecrets } from './cached-secrets.ts';
import { isSameSecret, newKeyValue, type KeyKind } from './key-value.ts';
import type { SecretStore } from './secret-store.ts';
import { findKey, type KeyList, type NamedKey, type SecretsDocument } from './secrets-document.ts';

/** Whose keys: those of the host that open every function, those of extensions, or those of one function. */
export type KeyScope = 'functionKeys' | 'systemKeys' | { readonly functionName: string };

/** What a key is good for. */
export interface KeyMatch {
  readonly level: 'admin' | 'system' | 'function';
  readonly name: string;
}

export interface KeyRingOptions {
  readonly store: SecretStore;
  /** Names of system keys that must exist; one that is deleted comes back with another value. */
  readonly systemKeys: readonly string[];
  /** Is written beside the keys: `localhost:7071`. */
  readonly hostName: string;
  readonly log: Logger;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

/** How the API calls the master key, and what the Functions host writes. */
export const MASTER_KEY = '_master';
const STORED_MASTER_KEY = 'master';
const DEFAULT_KEY = 'default';

/** Where the keys of the host are in the store. */
export const HOST_DOCUMENT = 'host.json';
/** What the Functions host writes besides, and we have no use for. */
const UNUSED_MEMBERS = { instanceId: '', source: 'runtime', decryptionKeyId: '' };
const MAX_AGE_MS = 30_000;
/** Requests with wrong keys must not become as many reads of the store. */
const MIN_AGE_MS = 1_000;

export class KeyRing {
  readonly #options: KeyRingOptions;
  readonly #secrets: CachedSecrets;

  private constructor(options: KeyRingOptions) {
    this.#options = options;
    this.#secrets = new CachedSecrets({
      ...options,
      now: options.now ?? Date.now,
      complete: (name, document) => completed(name, document, options),
    });
  }

  /** Reads the keys of the host, and makes those that are missing. @throws {Error} when the store does not serve. */
  static async open(options: KeyRingOptions): Promise<KeyRing> {
    const ring = new KeyRing(options);
    await ring.#secrets.read(HOST_DOCUMENT, 0);
    return ring;
  }

  /** A system key that the ring was opened with, as it was last read; when that is long ago, it is read anew for the next time. */
  systemKey(name: string): string {
    void this.#secrets.read(HOST_DOCUMENT, MAX_AGE_MS);
    const key = findKey(this.#secrets.peek(HOST_DOCUMENT)?.lists.systemKeys, name);
    if (key === undefined) throw new Error(`The key ring was opened without the key '${name}'.`);
    return key.value;
  }

  /**
   * What the key is good for; undefined when nobody knows it.
   * @param functionName whose own keys count too.
   */
  async match(value: string, functionName?: string): Promise<KeyMatch | undefined> {
    const names = [
      HOST_DOCUMENT,
      ...(functionName === undefined ? [] : [documentOf(functionName)]),
    ];
    for (const maxAgeMs of [MAX_AGE_MS, MIN_AGE_MS]) {
      for (const name of names) {
        const found = matchIn(await this.#secrets.read(name, maxAgeMs), value);
        if (found !== undefined) return found;
      }
    }
    return undefined;
  }

  async list(scope: KeyScope): Promise<readonly NamedKey[]> {
    const { document, list } = addressOf(scope);
    return (await this.#secrets.read(document, MIN_AGE_MS)).lists[list] ?? [];
  }

  async masterKey(): Promise<string> {
    const { masterKey = [] } = (await this.#secrets.read(HOST_DOCUMENT, MIN_AGE_MS)).lists;
    return masterKey[0]?.value ?? '';
  }

  /** Adds a key or replaces it. @param value a new random one when undefined. */
  async put(
    scope: KeyScope,
    name: string,
    value?: string,
  ): Promise<{ readonly value: string; readonly isNew: boolean }> {
    const { document, kind } = addressOf(scope);
    const key = { name, value: value ?? newKeyValue(kind) };
    const isNew = !(await this.#replace(scope, name, [key]));
    this.#tell(name, document, isNew ? 'made' : 'replaced');
    return { value: key.value, isNew };
  }

  async putMaster(value: string = newKeyValue('master')): Promise<string> {
    const masterKey = [{ name: STORED_MASTER_KEY, value }];
    await this.#secrets.change(HOST_DOCUMENT, ({ lists, others }) => ({
      others,
      lists: { ...lists, masterKey },
    }));
    this.#tell(STORED_MASTER_KEY, HOST_DOCUMENT, 'replaced');
    return value;
  }

  /** @returns false when there is no such key. */
  async remove(scope: KeyScope, name: string): Promise<boolean> {
    const isFound = await this.#replace(scope, name, []);
    if (isFound) this.#tell(name, addressOf(scope).document, 'deleted');
    return isFound;
  }

  /** Puts `keys` in the place of the key of that name. @returns whether there was one. */
  async #replace(scope: KeyScope, name: string, keys: readonly NamedKey[]): Promise<boolean> {
    const { document, list } = addressOf(scope);
    const seen = { isThere: false };
    await this.#secrets.change(document, ({ lists, others }) => {
      const before = lists[list] ?? [];
      const existing = findKey(before, name);
      seen.isThere = existing !== undefined;
      const rest = before.filter((each) => each !== existing);
      return { others, lists: { ...lists, [list]: [...rest, ...keys] } };
    });
    return seen.isThere;
  }

  /** Never the value. */
  #tell(name: string, document: string, what: string): void {
    const { log, store } = this.#options;
    const place = `${store.place}/${document}`;
    text(log, 'information', 'Host.Keys', `Key ${JSON.stringify(name)} of ${place} was ${what}.`);
  }
}

/** The same object when nothing is missing. */
function completed(
  name: string,
  document: SecretsDocument,
  { hostName, systemKeys: needed }: KeyRingOptions,
): SecretsDocument {
  const { lists } = document;
  const others = { hostName, ...UNUSED_MEMBERS, ...document.others };
  if (name !== HOST_DOCUMENT) {
    if (lists.keys !== undefined) return document;
    return { others, lists: { keys: [newKey(DEFAULT_KEY, 'function')] } };
  }
  const { masterKey = [], functionKeys, systemKeys = [] } = lists;
  const missing = needed.filter((each) => !findKey(systemKeys, each));
  if (masterKey.length > 0 && functionKeys !== undefined && missing.length === 0) return document;
  return {
    others,
    lists: {
      masterKey: masterKey.length > 0 ? masterKey : [newKey(STORED_MASTER_KEY, 'master')],
      functionKeys: functionKeys ?? [newKey(DEFAULT_KEY, 'function')],
      systemKeys: [...systemKeys, ...missing.map((each) => newKey(each, 'system'))],
    },
  };
}

function newKey(name: string, kind: KeyKind): NamedKey {
  return { name, value: newKeyValue(kind) };
}

/** A name with a dot is no function's: the keys of a function `host` need a document of their own. */
function documentOf(functionName: string): string {
  const name = `${encodeURIComponent(functionName.toLowerCase())}.json`;
  return name === HOST_DOCUMENT ? 'host.function.json' : name;
}

function addressOf(scope: KeyScope): {
  readonly document: string;
  readonly list: KeyList;
  readonly kind: KeyKind;
} {
  if (typeof scope === 'object') {
    return { document: documentOf(scope.functionName), list: 'keys', kind: 'function' };
  }
  const kind = scope === 'systemKeys' ? 'system' : 'function';
  return { document: HOST_DOCUMENT, list: scope, kind };
}

const LEVELS = [
  ['masterKey', 'admin'],
  ['systemKeys', 'system'],
  ['functionKeys', 'function'],
  ['keys', 'function'],
] as const;

function matchIn({ lists }: SecretsDocument, value: string): KeyMatch | undefined {
  for (const [list, level] of LEVELS) {
    const key = (lists[list] ?? []).find((each) => isSameSecret(each.value, value));
    if (key !== undefined) return { level, name: key.name };
  }
  return undefined;
}
