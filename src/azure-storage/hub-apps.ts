/**
 * Which apps work on the hub, and which functions each has: so that a worker can leave to another one what it does not have itself, and
 * two apps that share a hub by mistake are found out.
 *
 * An app is described once, in a blob beside `taskhub.json` that is named by its content, and never changes. Workers write that name
 * beside what they own (column `App` of the partitions table), or into a blob of their own while they own nothing; so it is known which
 * of the apps have live workers, without a request more for those that own something. Nobody but us reads any of it.
 *
 * A worker that is not seen any more counts as live for the time of a lease: partitions go from one to another, and between two of them
 * it may own nothing and not have said so yet. What only it can do must not be given up for that.
 */
import { createHash } from 'node:crypto';
import type { ContainerClient } from '@azure/storage-blob';
import type { HubApp } from '../engine/backend.ts';
import { errorText, text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import { readBlob } from './blobs/read-blob.ts';
import { statusOf, storageCall } from './storage-error.ts';

/** What storage tells of a worker. */
export interface WorkerOfApp {
  readonly owner: string | undefined;
  /** Of its app. */
  readonly app?: string | undefined;
}

export interface HubAppsOptions {
  readonly container: ContainerClient;
  /** Those that own nothing included. */
  readonly readWorkers: () => Promise<readonly WorkerOfApp[]>;
  /** For how long a worker counts as live that is not seen any more. */
  readonly leaseMs: number;
  /** In ms, never less than before. */
  readonly passedMs: () => number;
  readonly log: Logger;
}

/** Whoever asks more often gets what is known. */
const MIN_AGE_MS = 1_000;

export class HubApps {
  readonly #options: HubAppsOptions;
  /** By id; undefined for one that cannot be read. */
  readonly #known = new Map<string, Promise<HubApp | undefined>>();
  #ownId: string | undefined;
  /** By id, the apps of other workers, with when one was last seen. */
  readonly #seenMs = new Map<string, number>();
  readonly #apps = new Map<string, HubApp>();
  #settling: Promise<void> = Promise.resolve();
  #looking: Promise<void> | undefined;
  #nextLookMs = -Infinity;

  constructor(options: HubAppsOptions) {
    this.#options = options;
  }

  /** What workers of this process write beside what they own; undefined before `publish`. */
  get ownId(): string | undefined {
    return this.#ownId;
  }

  /** The apps of live workers that are not the own one, as far as they are known. */
  get others(): readonly HubApp[] {
    const sinceMs = this.#options.passedMs() - this.#options.leaseMs;
    return [...this.#seenMs].flatMap(([id, seenMs]) =>
      seenMs < sinceMs ? [] : (this.#apps.get(id) ?? []),
    );
  }

  /** What workers of one of `others` write beside what they own. */
  idOf(app: HubApp): string | undefined {
    return [...this.#apps].find(([, each]) => each === app)?.[0];
  }

  /** From now on others can know the app of this process. */
  async publish(app: HubApp): Promise<void> {
    const content = JSON.stringify(app);
    const id = createHash('sha256').update(content).digest('hex').slice(0, 16);
    const blob = this.#options.container.getBlockBlobClient(blobName(id));
    try {
      await storageCall(`describe the app in '${blobName(id)}'`, () =>
        blob.upload(content, Buffer.byteLength(content), { conditions: { ifNoneMatch: '*' } }),
      );
    } catch (error) {
      const isThere = statusOf(error) === 409 || statusOf(error) === 412;
      if (!isThere) throw error;
    }
    this.#ownId = id;
  }

  /** The workers as storage has just told of them. What they name is read in the background, once. */
  learn(workers: readonly WorkerOfApp[]): void {
    const ids = workers.flatMap(({ owner, app }) =>
      owner === undefined || app === undefined || app === this.#ownId ? [] : [app],
    );
    this.#settling = this.#settle([...new Set(ids)]);
  }

  /** Looks again, unless it was done within the last second. Whoever asks meanwhile waits for the same answer. */
  async refresh(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
    });
    await this.#looking;
    for (let settled: Promise<void> | undefined; settled !== this.#settling;) {
      settled = this.#settling;
      await settled;
    }
  }

  /** @returns undefined when it is not there, or makes no sense. */
  read(id: string): Promise<HubApp | undefined> {
    const known = this.#known.get(id);
    if (known !== undefined) return known;
    const reading = this.#read(id);
    this.#known.set(id, reading);
    return reading;
  }

  async #look(): Promise<void> {
    const { passedMs, readWorkers } = this.#options;
    if (passedMs() < this.#nextLookMs) return;
    this.learn(await readWorkers());
    this.#nextLookMs = passedMs() + MIN_AGE_MS;
  }

  async #settle(ids: readonly string[]): Promise<void> {
    for (const id of ids) this.#seenMs.set(id, this.#options.passedMs());
    await Promise.all(
      ids.map(async (id) => {
        const app = await this.read(id);
        if (app !== undefined) this.#apps.set(id, app);
      }),
    );
  }

  async #read(id: string): Promise<HubApp | undefined> {
    const name = blobName(id);
    try {
      const blob = this.#options.container.getBlobClient(name);
      const { bytes } = await storageCall(`read '${name}'`, () => readBlob(blob));
      return parseApp(JSON.parse(bytes.toString('utf8')));
    } catch (error) {
      // Not for ever: the next one who asks tries again.
      this.#known.delete(id);
      const message = `The app '${id}' of another worker cannot be known: ${errorText(error)}`;
      text(this.#options.log, 'debug', 'Host.Triggers.DurableTask', message, error);
      return undefined;
    }
  }
}

function blobName(id: string): string {
  return `apps/${id.replaceAll(/[^0-9a-f]/g, '')}.json`;
}

/** Others may write into the container: what does not look like an app is none. */
function parseApp(value: unknown): HubApp | undefined {
  const { name, functions } = (value ?? {}) as { name?: unknown; functions?: unknown };
  if (typeof name !== 'string') return undefined;
  const lists = (functions ?? {}) as Readonly<Record<string, unknown>>;
  return {
    name,
    functions: {
      orchestrators: textsOf(lists['orchestrators']),
      activities: textsOf(lists['activities']),
      entities: textsOf(lists['entities']),
    },
  };
}

function textsOf(value: unknown): readonly string[] {
  return Array.isArray(value) ? value.filter((each) => typeof each === 'string') : [];
}
