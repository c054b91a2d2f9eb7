/**
 * Looks through a container for blobs that are new since it was looked through before, and goes on where the host that did so left
 * off. Times of blobs are whole seconds: those of the latest second are looked at again. Mirrors
 * ScanBlobScanLogHybridPollingStrategy, without the logs of storage, and StorageBlobScanInfoManager.
 */
import type { BlobItem, ContainerClient } from '@azure/storage-blob';
import { Doze } from '../../base/doze.ts';
import { isRecord, parseJson, withoutBom } from '../../base/json.ts';
import { readBlob } from '../../azure-storage/blobs/read-blob.ts';
import { statusOf, storageCall } from '../../azure-storage/storage-error.ts';
import { errorText, text } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { BlobType } from './blob-message.ts';

export interface ScannedBlob {
  readonly name: string;
  /** In quotes, as in the header. */
  readonly etag: string;
  readonly type: BlobType;
}

export interface ContainerScanOptions {
  readonly container: ContainerClient;
  /** Where it is kept how far this container was looked through. */
  readonly scanInfo: { readonly container: ContainerClient; readonly blobName: string };
  readonly intervalMs: number;
  readonly log: Logger;
  /** @returns false when the blob has to be shown again. */
  readonly found: (blob: ScannedBlob) => Promise<boolean>;
}

const CATEGORY = 'Host.Triggers.Blob';

export class ContainerScan {
  readonly #options: ContainerScanOptions;
  readonly #untilNext = new Doze();
  #isStopping = false;
  #scanning: Promise<void> = Promise.resolve();
  /** Blobs before this time are done; undefined: not read yet. */
  #since: number | undefined;
  /** Of the latest second: the versions that are done, by name. */
  #done: ReadonlyMap<string, string> = new Map();
  /** What went wrong at the last look; the same again is no news. */
  #failure = '';

  constructor(options: ContainerScanOptions) {
    this.#options = options;
  }

  start(): void {
    this.#scanning = this.#scan();
  }

  /** There is a new blob: look now. */
  wake(): void {
    this.#untilNext.wake();
  }

  /** Resolves when it does not look any more. */
  async stop(): Promise<void> {
    this.#isStopping = true;
    this.#untilNext.wake();
    await this.#scanning;
  }

  async #scan(): Promise<void> {
    while (!this.#isStopping) {
      try {
        await this.#sweep();
        this.#failure = '';
      } catch (error) {
        const failure = errorText(error);
        const level = failure === this.#failure ? 'debug' : 'error';
        this.#failure = failure;
        text(this.#options.log, level, CATEGORY, failure, error);
      }
      await this.#untilNext.sleep(this.#options.intervalMs);
    }
  }

  async #sweep(): Promise<void> {
    const since = (this.#since ??= await this.#readScanInfo());
    let latest = since;
    let unfinished = Infinity;
    let done = new Map(this.#done);
    for await (const item of this.#listBlobs()) {
      if (this.#isStopping) return;
      const modified = item.properties.lastModified.getTime();
      if (modified < since) continue;
      if (modified > latest) {
        latest = modified;
        done = new Map();
      }
      const etag = quoted(item.properties.etag);
      const type = item.properties.blobType ?? 'BlockBlob';
      const isDone =
        this.#done.get(item.name) === etag ||
        (await this.#options.found({ name: item.name, etag, type }));
      if (!isDone) unfinished = Math.min(unfinished, modified);
      else if (modified === latest) done.set(item.name, etag);
    }
    this.#done = done;
    const next = Math.min(latest, unfinished);
    if (next === since) return;
    this.#since = next;
    await this.#writeScanInfo(next);
  }

  /** None when there is no such container. */
  async *#listBlobs(): AsyncGenerator<BlobItem> {
    const { container } = this.#options;
    const pages = container.listBlobsFlat().byPage();
    for (;;) {
      const page = await storageCall(
        `list the blobs of container '${container.containerName}'`,
        () => pages.next(),
      ).catch((error: unknown) => {
        if (statusOf(error) === 404) return undefined;
        throw error;
      });
      if (page === undefined || page.done === true) return;
      yield* page.value.segment.blobItems;
    }
  }

  async #readScanInfo(): Promise<number> {
    const blob = this.#scanInfoBlob;
    try {
      const { bytes } = await storageCall(`read blob '${blob.name}'`, () => readBlob(blob));
      const info = parseJson(withoutBom(bytes.toString('utf8')));
      const latest = isRecord(info) ? info['LatestScan'] : undefined;
      const time = typeof latest === 'string' ? Date.parse(latest) : NaN;
      return Number.isNaN(time) ? 0 : time;
    } catch (error) {
      if (statusOf(error) === 404) return 0;
      throw error;
    }
  }

  /** A little before the time, which stands for a whole second. */
  async #writeScanInfo(time: number): Promise<void> {
    const blob = this.#scanInfoBlob;
    const info = JSON.stringify({ LatestScan: new Date(time - 1).toISOString() });
    await storageCall(`write blob '${blob.name}'`, async () => {
      await this.#options.scanInfo.container.createIfNotExists();
      await blob.upload(info, Buffer.byteLength(info));
    });
  }

  get #scanInfoBlob() {
    const { container, blobName } = this.#options.scanInfo;
    return container.getBlockBlobClient(blobName);
  }
}

/** Lists have versions with or without quotes. */
function quoted(etag: string): string {
  return etag.startsWith('"') ? etag : `"${etag}"`;
}
