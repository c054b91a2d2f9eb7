/** A secret store without a disk, and key rings on it, whose clock the test moves. */
import { KeyRing } from '../../src/http/keys/key-ring.ts';
import type { SecretStore } from '../../src/http/keys/secret-store.ts';
import { WEBHOOK_KEY } from '../../src/http/management/management-access.ts';
import type { LogRecord } from '../../src/telemetry/log.ts';

export interface MemorySecrets extends SecretStore {
  readonly documents: Map<string, string>;
  reads: number;
  /** What the next reads fail with. */
  failure: Error | undefined;
}

export function memorySecrets(): MemorySecrets {
  const documents = new Map<string, string>();
  return {
    documents,
    reads: 0,
    failure: undefined,
    place: 'memory',
    read(name) {
      this.reads++;
      if (this.failure !== undefined) return Promise.reject(this.failure);
      const text = documents.get(name);
      return Promise.resolve(text === undefined ? undefined : { text, version: text });
    },
    write(name, text, version) {
      if (documents.get(name) !== version) return Promise.resolve(false);
      documents.set(name, text);
      return Promise.resolve(true);
    },
  };
}

export async function openTestRing(store: SecretStore = memorySecrets()) {
  const clock = { ms: 1_000_000 };
  const records: LogRecord[] = [];
  const ring = await KeyRing.open({
    store,
    systemKeys: [WEBHOOK_KEY],
    hostName: 'localhost:7071',
    log: { write: (record) => records.push(record) },
    now: () => clock.ms,
  });
  return { ring, clock, records };
}

/** The first host-wide function key. */
export async function hostFunctionKey(ring: KeyRing): Promise<string> {
  const [key] = await ring.list('functionKeys');
  if (key === undefined) throw new Error('The ring has no function key.');
  return key.value;
}
