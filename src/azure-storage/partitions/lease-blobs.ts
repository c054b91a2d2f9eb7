/**
 * The blobs whose leases say who has which partition: one per partition in each folder of the hub's `-leases` container. Who holds
 * the lease of a blob wrote into it who that is, and the lease's id, by which the next worker may take it away. Everything is guarded
 * by the lease; what a look tells may be old, and whoever acts on it is refused then.
 * Mirrors BlobPartitionLeaseManager and BlobPartitionLease.
 */
import { randomUUID } from 'node:crypto';
import type { BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import { BackendUnavailableError } from '../../core/errors.ts';
import { readBlob } from '../blobs/read-blob.ts';
import { statusOf, storageCall } from '../storage-error.ts';
import type { DoorbellAddress } from '../wake-ups/doorbell.ts';
import { formatLease, NOBODYS, parseLease, type LeaseText } from './lease-text.ts';

/** `intent` and `ownership` are those of the safe manager, `default` those of the legacy one. */
export type LeaseFolder = 'intent' | 'ownership' | 'default';

export interface StoredLease extends LeaseText, OwnerNote {
  readonly folder: LeaseFolder;
  readonly partition: number;
  /** By storage's clock. What the blob says of its owner is old when it is not. */
  readonly isLeased: boolean;
  /** When its owner took it, by the clock of storage: to renew a lease does not write. @default not known */
  readonly writtenMs?: number | undefined;
}

/** What the owner tells of itself, as metadata of the blob: ours alone, .NET workers leave it out of what they write. */
export interface OwnerNote {
  /** Where the owner is told of messages for it. */
  readonly doorbell?: DoorbellAddress | undefined;
  /** The app of the owner, by the name of its description: see `HubApps`. */
  readonly app?: string | undefined;
  /** It was taken from a worker that did not yet know, and may have read for a while: see `LegacyLeases`. */
  readonly isTakenAway?: boolean | undefined;
  /** Nobody has it, and this worker is to have it next. */
  readonly nextOwner?: string | undefined;
}

/** A lease that this process has, by its id. */
export interface OwnLease {
  readonly folder: LeaseFolder;
  readonly partition: number;
  readonly token: string;
  readonly epoch: number;
}

export type LeasesByFolder = Readonly<Record<LeaseFolder, readonly StoredLease[]>>;

export interface LeaseBlobsOptions {
  readonly container: ContainerClient;
  /** Which of the folders are used. */
  readonly folders: readonly LeaseFolder[];
  /** By partition. Blobs of other names are left alone. */
  readonly controlQueues: readonly string[];
  /** 15 to 60 s: what storage allows. */
  readonly leaseMs: number;
  /** A request without an answer ends then. */
  readonly timeoutMs: number;
}

interface Listed {
  readonly etag: string;
  readonly writtenMs: number;
  readonly isLeased: boolean;
  readonly note: OwnerNote;
}

export class LeaseBlobs {
  readonly #options: LeaseBlobsOptions;
  /** Texts by blob, as long as its ETag is the same: to take or to renew a lease does not change it. */
  readonly #known = new Map<string, { readonly etag: string; readonly text: LeaseText }>();

  constructor(options: LeaseBlobsOptions) {
    this.#options = options;
  }

  get leaseMs(): number {
    return this.#options.leaseMs;
  }

  /** The container and the blobs. What is there already stays as it is. */
  async create(): Promise<void> {
    const { container, controlQueues, folders } = this.#options;
    await storageCall(`create container '${container.containerName}'`, () =>
      container.createIfNotExists(),
    );
    const listed = await this.#list();
    await Promise.all(
      folders.flatMap((folder) =>
        controlQueues.map(async (queue, partition) => {
          if (!listed.has(`${folder}/${queue}`)) await this.#create(folder, partition);
        }),
      ),
    );
  }

  /**
   * All leases, each folder in the order of the partitions: one request, and one more for each blob that was written since. Creates
   * those that are missing.
   */
  async read(): Promise<LeasesByFolder> {
    const listed = await this.#list();
    const found: Record<LeaseFolder, StoredLease[]> = { intent: [], ownership: [], default: [] };
    await Promise.all(
      this.#options.folders.map(async (folder) => {
        found[folder] = await Promise.all(
          this.#options.controlQueues.map((queue, partition) =>
            this.#readOne(folder, partition, listed.get(`${folder}/${queue}`)),
          ),
        );
      }),
    );
    return found;
  }

  /**
   * Makes the lease of the blob ours, and writes down that it is, by the name `owner`.
   * @returns undefined when others were quicker. @throws {BackendUnavailableError} then it may be ours, until it runs out.
   */
  async take(lease: StoredLease, owner: string, note: OwnerNote): Promise<OwnLease | undefined> {
    const { folder, partition, isLeased, token } = lease;
    // Whose id is not known, because its owner is just writing it down, cannot be replaced.
    if (isLeased && token === undefined) return undefined;
    const own = { folder, partition, token: randomUUID(), epoch: lease.epoch + 1 };
    return this.#unlessRefused(async () => {
      await (isLeased && token !== undefined ? this.#takeAway(token, own) : this.#acquire(own));
      await this.#write(own, { owner, token: own.token, epoch: own.epoch }, note);
      return own;
    });
  }

  /** @returns false when it is not ours any more. */
  async renew(own: OwnLease): Promise<boolean> {
    const renewed = await this.#unlessRefused(() =>
      this.#call('renew', own, (blob, abortSignal) =>
        blob.getBlobLeaseClient(own.token).renewLease({ abortSignal }),
      ),
    );
    return renewed !== undefined;
  }

  /** Leaves it to others. Nothing happens when it is not ours any more. @param nextOwner who is to have it. @default whoever comes */
  async giveBack(own: OwnLease, nextOwner?: string): Promise<void> {
    await this.#unlessRefused(async () => {
      const text = { owner: undefined, token: undefined, epoch: own.epoch };
      await this.#write(own, text, { nextOwner });
      await this.#call('release', own, (blob, abortSignal) =>
        blob.getBlobLeaseClient(own.token).releaseLease({ abortSignal }),
      );
    });
  }

  async #list(): Promise<ReadonlyMap<string, Listed>> {
    const { container, timeoutMs } = this.#options;
    const found = new Map<string, Listed>();
    const what = `list container '${container.containerName}'`;
    await timely(what, timeoutMs, async (abortSignal) => {
      for await (const blob of container.listBlobsFlat({ includeMetadata: true, abortSignal })) {
        found.set(blob.name, {
          etag: unquoted(blob.properties.etag),
          writtenMs: blob.properties.lastModified.getTime(),
          isLeased: blob.properties.leaseState === 'leased',
          note: noteOf(blob.metadata ?? {}),
        });
      }
    });
    return found;
  }

  async #readOne(
    folder: LeaseFolder,
    partition: number,
    listed: Listed | undefined,
  ): Promise<StoredLease> {
    if (listed === undefined) {
      await this.#create(folder, partition);
      return { folder, partition, ...NOBODYS, isLeased: false };
    }
    const { etag, isLeased, note, writtenMs } = listed;
    const text = await this.#textOf(folder, partition, etag);
    return { folder, partition, ...text, isLeased, writtenMs, ...note };
  }

  async #textOf(folder: LeaseFolder, partition: number, etag: string): Promise<LeaseText> {
    const { blob, name } = this.#blob({ folder, partition });
    const known = this.#known.get(name);
    if (known?.etag === etag) return known.text;
    const what = `read '${name}'`;
    const read = await timely(what, this.#options.timeoutMs, (signal) =>
      readBlob(blob, undefined, signal),
    );
    const text = parseLease(read.bytes.toString('utf8'));
    this.#known.set(name, { etag: unquoted(read.etag), text });
    return text;
  }

  async #create(folder: LeaseFolder, partition: number): Promise<void> {
    const { queue } = this.#blob({ folder, partition });
    const text = formatLease(queue, NOBODYS);
    await this.#unlessRefused(() =>
      this.#call('create', { folder, partition }, (blob, abortSignal) =>
        blob.upload(text, Buffer.byteLength(text), {
          abortSignal,
          conditions: { ifNoneMatch: '*' },
        }),
      ),
    );
  }

  async #acquire(own: OwnLease): Promise<void> {
    const seconds = Math.floor(this.leaseMs / 1000);
    await this.#call('acquire', own, (blob, abortSignal) =>
      blob.getBlobLeaseClient(own.token).acquireLease(seconds, { abortSignal }),
    );
  }

  /** The lease gets a new id first. Its time goes on meanwhile, so that is begun anew. */
  async #takeAway(token: string, own: OwnLease): Promise<void> {
    await this.#call('take over', own, (blob, abortSignal) =>
      blob.getBlobLeaseClient(token).changeLease(own.token, { abortSignal }),
    );
    await this.#call('renew', own, (blob, abortSignal) =>
      blob.getBlobLeaseClient(own.token).renewLease({ abortSignal }),
    );
  }

  async #write(own: OwnLease, text: LeaseText, note: OwnerNote): Promise<void> {
    const json = formatLease(this.#blob(own).queue, text);
    await this.#call('write', own, (blob, abortSignal) =>
      blob.upload(json, Buffer.byteLength(json), {
        abortSignal,
        conditions: { leaseId: own.token },
        metadata: metadataOf(note),
      }),
    );
  }

  /** @returns undefined when it is somebody else's by now. Normal with several workers. */
  async #unlessRefused<Result>(call: () => Promise<Result>): Promise<Result | undefined> {
    try {
      return await call();
    } catch (error) {
      if (statusOf(error) === 409 || statusOf(error) === 412) return undefined;
      throw error;
    }
  }

  async #call<Result>(
    what: string,
    lease: Pick<StoredLease, 'folder' | 'partition'>,
    call: (blob: BlockBlobClient, signal: AbortSignal) => Promise<Result>,
  ): Promise<Result> {
    const { blob, name } = this.#blob(lease);
    return timely(`${what} '${name}'`, this.#options.timeoutMs, (signal) => call(blob, signal));
  }

  #blob({ folder, partition }: Pick<StoredLease, 'folder' | 'partition'>) {
    const { container, controlQueues } = this.#options;
    const queue = controlQueues[partition] ?? '';
    const name = `${folder}/${queue}`;
    return { blob: container.getBlockBlobClient(name), name, queue };
  }
}

async function timely<Result>(
  what: string,
  timeoutMs: number,
  call: (signal: AbortSignal) => Promise<Result>,
): Promise<Result> {
  const signal = AbortSignal.timeout(timeoutMs);
  try {
    return await storageCall(what, () => call(signal));
  } catch (error) {
    if (!signal.aborted) throw error;
    const message = `Could not ${what}: no answer within ${timeoutMs} ms`;
    throw new BackendUnavailableError(message, { cause: error });
  }
}

/** Lists tell it without quotes, answers about one blob with them. */
function unquoted(etag: string): string {
  return etag.replaceAll('"', '');
}

/** Of a blob in which a worker tells something of itself. */
export function metadataOf(note: OwnerNote): Record<string, string> {
  const { doorbell, app, isTakenAway, nextOwner } = note;
  return {
    ...(doorbell && { doorbellurl: doorbell.url, doorbellkey: doorbell.key }),
    ...(app !== undefined && { app }),
    ...(isTakenAway === true && { takenaway: 'true' }),
    ...(nextOwner !== undefined && { nextowner: nextOwner }),
  };
}

/** An address that is spelt wrong is none: others may write metadata, too. */
export function noteOf(metadata: Readonly<Record<string, string>>): OwnerNote {
  const { doorbellurl: url = '', doorbellkey: key, app, takenaway, nextowner } = metadata;
  const isUrl = /^https?:\/\//.test(url) && URL.canParse(url);
  return {
    doorbell: isUrl && key !== undefined ? { url, key } : undefined,
    app,
    ...(takenaway === 'true' && { isTakenAway: true }),
    ...(nextowner !== undefined && { nextOwner: nextowner }),
  };
}
