/**
 * The messages of a hub that were given up, where any tool can read them: each is a blob of the container `<hub>-poison`, and a
 * message of the queue `<hub>-poison` says so, for who wants to be told (an alert, a queue trigger). The blobs are what counts; both are
 * created when the first message is set aside.
 */
import type { BlockBlobClient, ContainerClient } from '@azure/storage-blob';
import { atMost } from '../base/at-most.ts';
import { parseRecord } from '../base/json.ts';
import { CorruptMessageError, InvalidContinuationTokenError } from '../core/errors.ts';
import type { PoisonMessage } from '../core/poison-message.ts';
import type { PoisonPage } from '../engine/backend.ts';
import { readBlob } from './blobs/read-blob.ts';
import { MAX_QUEUE_MESSAGE_BYTES } from './queues/message-codec.ts';
import type { MessageQueue } from './queues/message-queue.ts';
import { statusOf, storageCall } from './storage-error.ts';

/** A message in a blob of its own may be long, and JSON makes it longer. */
const MAX_BLOB_BYTES = 512 * 1024 * 1024;
const MAX_PARALLEL = 16;
const SUFFIX = '.json';
/** As they are made: others name no blob of ours. */
const ID = /^[\w-]{1,100}$/;

export class PoisonStore {
  readonly #container: ContainerClient;
  readonly #queue: MessageQueue;

  constructor(container: ContainerClient, queue: MessageQueue) {
    this.#container = container;
    this.#queue = queue;
  }

  /** Writes a message, or writes it again. */
  async put(poison: PoisonMessage): Promise<void> {
    const text = JSON.stringify(poison);
    const what = `set message '${poison.id}' aside in container '${this.#container.containerName}'`;
    const notice = await this.#notify(poison, text);
    await this.#created(
      () => this.#container.createIfNotExists(),
      () =>
        storageCall(what, () =>
          this.#blob(poison.id).upload(text, Buffer.byteLength(text), {
            blobHTTPHeaders: { blobContentType: 'application/json' },
            metadata: notice,
          }),
        ),
    );
  }

  /** @throws {InvalidContinuationTokenError} */
  async list({
    pageSize,
    continuationToken,
  }: {
    readonly pageSize: number;
    readonly continuationToken?: string | undefined;
  }): Promise<PoisonPage> {
    const pages = this.#container.listBlobsFlat().byPage({
      maxPageSize: pageSize,
      ...(continuationToken === undefined
        ? {}
        : { continuationToken: markerOf(continuationToken) }),
    });
    const what = `list the blobs of container '${this.#container.containerName}'`;
    try {
      const next = await storageCall(what, () => pages.next());
      const page = next.done === true ? undefined : next.value;
      const ids = (page?.segment.blobItems ?? []).map(({ name }) => idOf(name));
      const found = await atMost(MAX_PARALLEL, ids, (id) => this.#read(id));
      return {
        messages: found.filter((poison) => poison !== undefined),
        continuationToken: page?.continuationToken ? tokenOf(page.continuationToken) : undefined,
      };
    } catch (error) {
      if (statusOf(error) === 404) return { messages: [], continuationToken: undefined };
      throw error;
    }
  }

  async find(id: string): Promise<PoisonMessage | undefined> {
    return ID.test(id) ? await this.#read(id) : undefined;
  }

  /** Deletes a message, and what the queue says of it. @returns false when it is not there. */
  async delete(id: string): Promise<boolean> {
    if (!ID.test(id)) return false;
    const blob = this.#blob(id);
    const what = `delete poison message '${id}'`;
    try {
      const { metadata = {} } = await storageCall(what, () => blob.getProperties());
      const { messageid: messageId, popreceipt: popReceipt } = lowerCased(metadata);
      // Whoever took the notice meanwhile has it for himself.
      if (messageId !== undefined && popReceipt !== undefined) {
        await this.#queue.remove({ messageId, popReceipt, visibleAtMs: 0 });
      }
      await storageCall(what, () => blob.delete());
      return true;
    } catch (error) {
      if (statusOf(error) === 404) return false;
      throw error;
    }
  }

  async deleteAll(): Promise<void> {
    await Promise.all([
      this.#queue.delete(),
      storageCall(`delete container '${this.#container.containerName}'`, () =>
        this.#container.deleteIfExists(),
      ),
    ]);
  }

  /** @returns how the notice is found again. */
  async #notify(poison: PoisonMessage, text: string): Promise<Record<string, string>> {
    const { body: _body, ...brief } = poison;
    const blob = `${this.#container.containerName}/${poison.id}${SUFFIX}`;
    const isShort = Buffer.byteLength(text) <= MAX_QUEUE_MESSAGE_BYTES;
    const notice = isShort ? text : JSON.stringify({ ...brief, blob });
    const { messageId, popReceipt } = await this.#created(
      () => this.#queue.create(),
      () => this.#queue.put(notice, 0),
    );
    return { messageid: messageId, popreceipt: popReceipt };
  }

  async #created<Result>(
    create: () => Promise<unknown>,
    write: () => Promise<Result>,
  ): Promise<Result> {
    try {
      return await write();
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
      await storageCall('create the poison store', create);
      return await write();
    }
  }

  async #read(id: string): Promise<PoisonMessage | undefined> {
    const blob = this.#blob(id);
    try {
      const { bytes } = await storageCall(`read poison message '${id}'`, () =>
        readBlob(blob, MAX_BLOB_BYTES),
      );
      return parsed(blob, bytes.toString('utf8'));
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  #blob(id: string): BlockBlobClient {
    return this.#container.getBlockBlobClient(`${id}${SUFFIX}`);
  }
}

/** Storage takes any text for the place where a list goes on: ours are marked. */
function tokenOf(marker: string): string {
  return Buffer.from(JSON.stringify({ poison: marker }), 'utf8').toString('base64url');
}

/** @throws {InvalidContinuationTokenError} */
function markerOf(token: string): string {
  const marker = parseRecord(Buffer.from(token, 'base64url').toString('utf8'))?.['poison'];
  if (typeof marker === 'string') return marker;
  throw new InvalidContinuationTokenError(token);
}

function idOf(blobName: string): string {
  return blobName.endsWith(SUFFIX) ? blobName.slice(0, -SUFFIX.length) : blobName;
}

/** Who keeps metadata may change the case of its names. */
function lowerCased(
  metadata: Readonly<Record<string, string>>,
): Record<string, string | undefined> {
  return Object.fromEntries(
    Object.entries(metadata).map(([name, value]) => [name.toLowerCase(), value]),
  );
}

/** @throws {CorruptMessageError} somebody else wrote the blob. */
function parsed(blob: BlockBlobClient, text: string): PoisonMessage {
  try {
    const poison = JSON.parse(text) as Partial<PoisonMessage> | null;
    if (typeof poison?.body === 'string' && typeof poison.origin === 'string') {
      return poison as PoisonMessage;
    }
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new CorruptMessageError(
    `The blob '${blob.name}' in container '${blob.containerName}' is no message that was set aside.`,
  );
}
