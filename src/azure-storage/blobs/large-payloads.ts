/**
 * The hub's container of large payloads: whole messages and long columns, each a gzipped text. The container is created when
 * the first payload is written; until then everything reads as absent.
 * Mirrors MessageManager.CompressAndUploadAsBytesAsync, DownloadAndDecompressAsBytesAsync and GetBlobUrl.
 */
import { promisify } from 'node:util';
import { gunzip, gzip } from 'node:zlib';

import type { ContainerClient } from '@azure/storage-blob';

import { CorruptMessageError } from '../../core/errors.ts';
import { statusOf, storageCall } from '../storage-error.ts';

/** How many one caller transfers at once. */
export const MAX_PARALLEL_PAYLOADS = 16;

const compress = promisify(gzip);
const decompress = promisify(gunzip);

export class LargePayloads {
  readonly #container: ContainerClient;
  /** Path of the container, escaped, with a slash at the end. */
  readonly #path: string;

  constructor(container: ContainerClient) {
    this.#container = container;
    this.#path = `${new URL(container.url).pathname}/`;
  }

  async upload(name: string, text: string): Promise<void> {
    const bytes = await compress(Buffer.from(text, 'utf8'));
    const put = () =>
      storageCall(`write large payload '${name}'`, () =>
        this.#container.getBlockBlobClient(name).upload(bytes, bytes.length),
      );
    try {
      await put();
    } catch (error) {
      if (!isNotFound(error)) throw error;
      await storageCall(`create container '${this.#container.containerName}'`, () =>
        this.#container.createIfNotExists(),
      );
      await put();
    }
  }

  /** @throws {CorruptMessageError} the payload is gone, or is not a gzipped text. */
  async download(name: string): Promise<string> {
    const bytes = await this.#downloadBytes(name);
    try {
      return (await decompress(bytes)).toString('utf8');
    } catch (error) {
      throw new CorruptMessageError(
        `The large payload '${name}' in container '${this.#container.containerName}' is not a gzipped text.`,
        { cause: error },
      );
    }
  }

  /** The same, with the payload's URL in the place of one that cannot be read. */
  async downloadOrName(name: string): Promise<string> {
    try {
      return await this.download(name);
    } catch (error) {
      if (error instanceof CorruptMessageError) return this.urlOf(name);
      throw error;
    }
  }

  /** Resolves false when there was no such payload. */
  async delete(name: string): Promise<boolean> {
    try {
      await storageCall(`delete large payload '${name}'`, () =>
        this.#container.getBlobClient(name).delete(),
      );
      return true;
    } catch (error) {
      if (isNotFound(error)) return false;
      throw error;
    }
  }

  /** The names of all payloads that begin with `prefix`. */
  async *list(prefix: string): AsyncGenerator<string> {
    const names = this.#container.listBlobsFlat({ prefix });
    for (;;) {
      const next = await storageCall(`list large payloads '${prefix}…'`, () => names.next()).catch(
        (error: unknown) => {
          if (isNotFound(error)) return { done: true } as const;
          throw error;
        },
      );
      if (next.done) return;
      yield next.value.name;
    }
  }

  /** What the Instances row holds in place of a large payload: the absolute URL, without credentials. */
  urlOf(name: string): string {
    return `${new URL(this.#container.url).origin}${this.#path}${name.split('/').map(escapeSegment).join('/')}`;
  }

  /**
   * The payload that a URL names, or undefined when the text is not a URL into this container. The host is not compared: the
   * same account has several (127.0.0.1, localhost, a container's name), and the payload is read from ours whatever it says.
   */
  nameFromUrl(text: string): string | undefined {
    const path = /^https?:\/\/[^/?#\s]+(\/[^?#\s]+)$/.exec(text)?.[1];
    if (!path?.startsWith(this.#path) || !URL.canParse(text)) return undefined;
    return path.slice(this.#path.length).split('/').map(unescapeSegment).join('/');
  }

  async #downloadBytes(name: string): Promise<Buffer> {
    try {
      return await storageCall(`read large payload '${name}'`, async () => {
        const { readableStreamBody } = await this.#container.getBlobClient(name).download();
        const chunks: Buffer[] = [];
        for await (const chunk of readableStreamBody ?? []) chunks.push(Buffer.from(chunk));
        return Buffer.concat(chunks);
      });
    } catch (error) {
      if (!isNotFound(error)) throw error;
      throw new CorruptMessageError(
        `The large payload '${name}' is not in container '${this.#container.containerName}' any more.`,
        { cause: error },
      );
    }
  }
}

/** The blob or the whole container is missing. */
function isNotFound(error: unknown): boolean {
  return statusOf(error) === 404;
}

/** As Uri.EscapeDataString does. */
function escapeSegment(segment: string): string {
  return encodeURIComponent(segment).replace(
    /[!'()*]/g,
    (unit) => `%${unit.charCodeAt(0).toString(16).toUpperCase()}`,
  );
}

/** A segment that is not escaped text is taken as it is. */
function unescapeSegment(segment: string): string {
  return /^(?:[^%]|%[0-9A-Fa-f]{2})*$/.test(segment) ? decodeURIComponent(segment) : segment;
}
