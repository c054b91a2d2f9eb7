/**
 * The hub's container of large payloads: whole messages and long columns, each a gzipped text. The container is created when
 * the first payload is written; until then everything reads as absent.
 * Mirrors MessageManager.CompressAndUploadAsBytesAsync, DownloadAndDecompressAsBytesAsync and GetBlobUrl.
 */
import { promisify } from 'node:util';
// eslint-disable-next-line no-restricted-imports -- large payloads, with a limit
import { gunzip, gzip } from 'node:zlib';

import type { BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import { Slots } from '../../base/slots.ts';

import { CorruptMessageError, InvalidInputError } from '../../core/errors.ts';
import { statusOf, storageCall } from '../storage-error.ts';
import { readBlob } from './read-blob.ts';

/** How many one caller transfers at once. */
export const MAX_PARALLEL_PAYLOADS = 16;

/**
 * The longest text, in UTF-8 bytes. A gzipped text tells its length only when it is unpacked: a few megabytes may be gigabytes,
 * and would end every host that reads them.
 */
const MAX_TEXT_BYTES = 256 * 1024 * 1024;
/** Gzip makes nothing smaller than this part of it. What could be too long is unpacked one at a time. */
const BEST_RATIO = 1032;

const compress = promisify(gzip);
const decompress = promisify(gunzip);

export class LargePayloads {
  readonly #container: ContainerClient;
  /** Path of the container, escaped, with a slash at the end. */
  readonly #path: string;
  readonly #maxTextBytes: number;
  readonly #suspectTurn = new Slots(1);

  /** @param maxTextBytes @default 268435456 */
  constructor(container: ContainerClient, maxTextBytes = MAX_TEXT_BYTES) {
    this.#container = container;
    this.#maxTextBytes = maxTextBytes;
    this.#path = `${new URL(container.url).pathname}/`;
  }

  /** @throws {InvalidInputError} the text is so long that nobody would read it again. */
  async upload(name: string, text: string): Promise<void> {
    const plain = Buffer.from(text, 'utf8');
    if (plain.length > this.#maxTextBytes) {
      throw new InvalidInputError(
        `The large payload '${name}' would have ${plain.length} bytes; the limit is ${this.#maxTextBytes}. Keep such data in a blob of the app's own, and hand its name on.`,
      );
    }
    const bytes = await compress(plain);
    const put = () =>
      storageCall(`write large payload '${name}'`, () =>
        this.#blob(name).upload(bytes, bytes.length),
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

  /** @throws {CorruptMessageError} the payload is gone, is not a gzipped text, or is too long. */
  async download(name: string): Promise<string> {
    const bytes = await this.#downloadBytes(name);
    try {
      return (await this.#unpack(bytes)).toString('utf8');
    } catch (error) {
      const what = isTooLarge(error)
        ? `is longer than ${this.#maxTextBytes} bytes once it is unpacked, which is more than is read`
        : 'is not a gzipped text';
      throw new CorruptMessageError(
        `The large payload '${name}' in container '${this.#container.containerName}' ${what}.`,
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
      await storageCall(`delete large payload '${name}'`, () => this.#blob(name).delete());
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
   * The payload that a URL as `urlOf` makes it names; undefined for any other text. Mirrors IsInLargeMessageContainer; unlike
   * it, the names of this machine are all the same.
   */
  nameFromUrl(text: string): string | undefined {
    const path = /^https?:\/\/[^/?#\s@]+(\/[^?#\s]+)$/.exec(text)?.[1];
    if (!path?.startsWith(this.#path) || !URL.canParse(text)) return undefined;
    if (originOf(text) !== originOf(this.#container.url)) return undefined;
    const name = path.slice(this.#path.length).split('/').map(unescapeSegment).join('/');
    return isBelowContainer(name) ? name : undefined;
  }

  /**
   * Whether any reader might take the text for a URL of a payload: .NET takes all that lie in the container, and before
   * DurableTask.AzureStorage 2.11 all of the account.
   */
  mayBeTakenForUrl(text: string): boolean {
    if (!/^\s*https?:/i.test(text)) return false;
    const plain = text
      .replace(/%([0-9A-F]{2})/gi, (_, hex: string) => String.fromCharCode(parseInt(hex, 16)))
      .toLowerCase();
    const { host } = new URL(this.#container.url);
    return [this.#container.containerName, host].some((part) => plain.includes(part.toLowerCase()));
  }

  /** @throws {CorruptMessageError} for a name that leads out of the container: messages and rows name payloads. */
  #blob(name: string): BlockBlobClient {
    if (isBelowContainer(name)) return this.#container.getBlockBlobClient(name);
    throw new CorruptMessageError(
      `'${name.slice(0, 200)}' is not the name of a large payload in container '${this.#container.containerName}'.`,
    );
  }

  async #unpack(bytes: Buffer): Promise<Buffer> {
    const limits = { maxOutputLength: this.#maxTextBytes };
    if (bytes.length * BEST_RATIO <= this.#maxTextBytes) return await decompress(bytes, limits);
    await this.#suspectTurn.acquire();
    try {
      return await decompress(bytes, limits);
    } finally {
      this.#suspectTurn.release();
    }
  }

  async #downloadBytes(name: string): Promise<Buffer> {
    try {
      return await storageCall(`read large payload '${name}'`, async () => {
        const { bytes } = await readBlob(this.#blob(name), this.#maxTextBytes);
        return bytes;
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

/** Parts of a path that mean another place would lead out of the container, into others of the account. */
function isBelowContainer(name: string): boolean {
  return name !== '' && !name.split('/').some((part) => part === '.' || part === '..');
}

/** 127.0.0.1, localhost and [::1] are one: storage on this machine is called by either. */
function originOf(url: string): string {
  return new URL(url).origin.replace(
    /^(https?:\/\/)(?:127\.0\.0\.1|\[::1\])(?=:|$)/,
    '$1localhost',
  );
}

function isTooLarge(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ERR_BUFFER_TOO_LARGE';
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
