/**
 * Workers that own no partition, be it that there are not enough, or that they have just come: they leave word of themselves in blobs
 * `workers/…` beside the leases, so that others know of their app, give them what only they can do, and ring at their door. Whoever
 * owns something says the same beside it, and has no such blob. Nobody but us reads them.
 */
import type { ContainerClient } from '@azure/storage-blob';
import { answerTimeMs } from '../answer-time.ts';
import { statusOf, storageCall } from '../storage-error.ts';
import { metadataOf, noteOf } from './lease-blobs.ts';
import type { LiveWorker } from './partition-turns.ts';

export interface IdleWorkersOptions {
  readonly container: ContainerClient;
  readonly me: string;
  /** So long one is believed to be there that does not say so again. */
  readonly leaseMs: number;
  /** What this worker tells of itself. */
  readonly note: () => Pick<LiveWorker, 'app' | 'doorbell'>;
  readonly isKnownDead: (workerName: string) => boolean;
}

const FOLDER = 'workers/';
/** What killed workers left is deleted by whoever finds it, so much later. */
const LEFT_BEHIND_FACTOR = 20;

interface Announcement {
  readonly name: string;
  /** By the clock of storage, in whole seconds. */
  readonly ageMs: number;
  readonly note: Omit<LiveWorker, 'name'>;
}

export class IdleWorkers {
  readonly #options: IdleWorkersOptions;
  #known: readonly LiveWorker[] = [];
  #isAnnounced = false;
  #tail: Promise<void> = Promise.resolve();

  constructor(options: IdleWorkersOptions) {
    this.#options = options;
  }

  /** As they were last listed. */
  get known(): readonly LiveWorker[] {
    return this.#known;
  }

  get isAnnounced(): boolean {
    return this.#isAnnounced;
  }

  /** This worker owns nothing. To be said again before the time of a lease is over. */
  announce(): Promise<void> {
    const { container, me, note } = this.#options;
    const told = note();
    if (told.app === undefined && told.doorbell === undefined) return Promise.resolve();
    this.#isAnnounced = true;
    return this.#inTurn(async () => {
      if (!this.#isAnnounced) return;
      const blob = container.getBlockBlobClient(`${FOLDER}${me}`);
      await storageCall(`write '${FOLDER}${me}'`, () =>
        blob.upload('', 0, { metadata: metadataOf(told) }),
      );
    });
  }

  /** This worker owns something, or ends. Costs nothing where it was not announced. */
  withdraw(): Promise<void> {
    if (!this.#isAnnounced) return Promise.resolve();
    this.#isAnnounced = false;
    return this.#inTurn(async () => {
      if (!this.#isAnnounced) await this.#delete(this.#options.me);
    });
  }

  /** The others: one request. @throws {BackendUnavailableError} */
  async list(): Promise<readonly LiveWorker[]> {
    const { leaseMs, me, isKnownDead } = this.#options;
    const found: LiveWorker[] = [];
    const leftBehind: string[] = [];
    for (const { name, ageMs, note } of await this.#read()) {
      if (isKnownDead(name) || ageMs > LEFT_BEHIND_FACTOR * leaseMs) leftBehind.push(name);
      else if (name !== me && ageMs <= leaseMs) found.push({ name, ...note });
    }
    this.#known = found;
    await Promise.all(leftBehind.map((name) => this.#delete(name)));
    return found;
  }

  async #read(): Promise<readonly Announcement[]> {
    const { container } = this.#options;
    const found: Announcement[] = [];
    try {
      await storageCall(`list container '${container.containerName}'`, async () => {
        const blobs = container.listBlobsFlat({ prefix: FOLDER, includeMetadata: true });
        for await (const page of blobs.byPage()) {
          const nowMs = answerTimeMs(page._response.headers.get('date')) ?? Date.now();
          for (const { name, properties, metadata = {} } of page.segment.blobItems) {
            const { app, doorbell } = noteOf(metadata);
            found.push({
              name: name.slice(FOLDER.length),
              ageMs: nowMs - properties.lastModified.getTime(),
              note: { app, doorbell },
            });
          }
        }
      });
    } catch (error) {
      // A hub that no worker of ours has begun with.
      if (statusOf(error) !== 404) throw error;
    }
    return found;
  }

  async #delete(name: string): Promise<void> {
    const blob = this.#options.container.getBlockBlobClient(`${FOLDER}${name}`);
    try {
      await storageCall(`delete '${FOLDER}${name}'`, () => blob.delete());
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
    }
  }

  #inTurn(change: () => Promise<void>): Promise<void> {
    const turn = this.#tail.then(change);
    this.#tail = turn.catch(() => undefined);
    return turn;
  }
}
