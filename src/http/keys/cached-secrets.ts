/**
 * Documents of a secret store, kept for a while, and changed in such a way that no change of this or another host is lost. Who reads
 * or changes one gets it with everything that must be in it.
 */
import { BackendUnavailableError } from '../../core/errors.ts';
import { errorText, text } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { SecretStore } from './secret-store.ts';
import { formatSecrets, parseSecrets, type SecretsDocument } from './secrets-document.ts';

export interface CachedSecretsOptions {
  readonly store: SecretStore;
  /** Adds what is missing, to an empty document everything; the same object when nothing is. */
  readonly complete: (name: string, document: SecretsDocument) => SecretsDocument;
  readonly log: Logger;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

interface CachedDocument {
  readonly document: SecretsDocument;
  readonly readAtMs: number;
}

const EMPTY: SecretsDocument = { lists: {}, others: {} };
const WRITE_ATTEMPTS = 10;

export class CachedSecrets {
  readonly #options: CachedSecretsOptions;
  readonly #cache = new Map<string, CachedDocument>();
  readonly #reads = new Map<string, Promise<SecretsDocument>>();
  readonly #lastTurn = new Map<string, Promise<unknown>>();

  constructor(options: CachedSecretsOptions) {
    this.#options = options;
  }

  /** As it was last read; undefined when it never was. */
  peek(name: string): SecretsDocument | undefined {
    return this.#cache.get(name)?.document;
  }

  /** Requests that come together share one read. While the store does not answer, what was read last goes on to count. */
  async read(name: string, maxAgeMs: number): Promise<SecretsDocument> {
    const cached = this.#cache.get(name);
    if (cached !== undefined && this.#options.now() - cached.readAtMs < maxAgeMs) {
      return cached.document;
    }
    const reading = this.#reads.get(name) ?? this.#startRead(name);
    if (cached === undefined) return await reading;
    try {
      return await reading;
    } catch (error) {
      const { log, now, store } = this.#options;
      const message = `${store.place}/${name} cannot be read, the keys read last stay valid: ${errorText(error)}`;
      text(log, 'warning', 'Host.Keys', message, error);
      const document = this.peek(name) ?? cached.document;
      this.#cache.set(name, { document, readAtMs: now() });
      return document;
    }
  }

  /** One after the other: a slow read must not put back what was replaced meanwhile. */
  async change(
    name: string,
    edit: (document: SecretsDocument) => SecretsDocument,
  ): Promise<SecretsDocument> {
    const before = this.#lastTurn.get(name) ?? Promise.resolve();
    const turn = before.then(
      () => this.#update(name, edit),
      () => this.#update(name, edit),
    );
    this.#lastTurn.set(name, turn);
    return await turn;
  }

  #startRead(name: string): Promise<SecretsDocument> {
    const reading = this.change(name, (document) => document).finally(() => {
      this.#reads.delete(name);
    });
    this.#reads.set(name, reading);
    return reading;
  }

  /** Again when somebody else wrote between our read and our write. */
  async #update(
    name: string,
    edit: (document: SecretsDocument) => SecretsDocument,
  ): Promise<SecretsDocument> {
    const { complete, now, store } = this.#options;
    for (let attempt = 1; attempt <= WRITE_ATTEMPTS; attempt++) {
      const stored = await store.read(name);
      const before = stored && parseSecrets(stored.text, `${store.place}/${name}`);
      const document = complete(name, edit(complete(name, before ?? EMPTY)));
      const isWritten =
        document === before || (await store.write(name, formatSecrets(document), stored?.version));
      if (isWritten) {
        this.#cache.set(name, { document, readAtMs: now() });
        return document;
      }
    }
    throw new BackendUnavailableError(
      `The keys in ${store.place}/${name} could not be written: others kept changing them (${WRITE_ATTEMPTS} attempts).`,
    );
  }
}
