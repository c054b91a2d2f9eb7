/**
 * One storage queue: the four operations on messages, in our units (milliseconds, receipts), with our errors.
 * Messages never expire. Mirrors Storage/Queue.cs.
 */
import type { QueueClient } from '@azure/storage-queue';
import { storageCall } from '../storage-error.ts';
import { unlessGone } from './unless-gone.ts';

/** Proves that a message is ours until a time. Storage issues a new one at each change of visibility. */
export interface Receipt {
  readonly messageId: string;
  readonly popReceipt: string;
  /** When the message becomes visible to everybody, in ms since the epoch. */
  readonly visibleAtMs: number;
}

export interface ReceivedText {
  readonly receipt: Receipt;
  readonly text: string;
  readonly dequeueCount: number;
  readonly insertedAtMs: number;
}

/** Storage hides messages for 7 days at most; a minute less leaves room for clocks that differ. */
export const MAX_INVISIBLE_MS = 7 * 24 * 3_600_000 - 60_000;
const NEVER_EXPIRES = -1;

export class MessageQueue {
  readonly #client: QueueClient;
  readonly #now: () => number;

  constructor(client: QueueClient, now: () => number) {
    this.#client = client;
    this.#now = now;
  }

  get name(): string {
    return this.#client.name;
  }

  async create(): Promise<void> {
    await storageCall(`create queue '${this.name}'`, () => this.#client.createIfNotExists());
  }

  async delete(): Promise<void> {
    await storageCall(`delete queue '${this.name}'`, () => this.#client.deleteIfExists());
  }

  /** @param invisibleMs rounded up to whole seconds, and cut at MAX_INVISIBLE_MS */
  async put(text: string, invisibleMs: number): Promise<Receipt> {
    const visibilityTimeout = toSeconds(invisibleMs);
    const visibleAtMs = this.#now() + visibilityTimeout * 1000;
    const { messageId, popReceipt } = await storageCall(
      `put a message to queue '${this.name}'`,
      () => this.#client.sendMessage(text, { messageTimeToLive: NEVER_EXPIRES, visibilityTimeout }),
    );
    return { messageId, popReceipt, visibleAtMs };
  }

  async receive(count: number, invisibleMs: number): Promise<readonly ReceivedText[]> {
    const visibilityTimeout = Math.max(1, toSeconds(invisibleMs));
    const visibleAtMs = this.#now() + visibilityTimeout * 1000;
    const { receivedMessageItems } = await storageCall(
      `receive messages from queue '${this.name}'`,
      () => this.#client.receiveMessages({ numberOfMessages: count, visibilityTimeout }),
    );
    return receivedMessageItems.map((item) => ({
      receipt: { messageId: item.messageId, popReceipt: item.popReceipt, visibleAtMs },
      text: item.messageText,
      dequeueCount: item.dequeueCount,
      insertedAtMs: item.insertedOn.getTime(),
    }));
  }

  /** Changes when the message becomes visible. Resolves undefined when it is not ours any more. */
  async changeVisibility(receipt: Receipt, invisibleMs: number): Promise<Receipt | undefined> {
    const { messageId, popReceipt } = receipt;
    const seconds = toSeconds(invisibleMs);
    const visibleAtMs = this.#now() + seconds * 1000;
    return unlessGone(`hold message '${messageId}' of queue '${this.name}'`, async () => {
      const changed = await this.#client.updateMessage(messageId, popReceipt, undefined, seconds);
      return { messageId, popReceipt: changed.popReceipt ?? popReceipt, visibleAtMs };
    });
  }

  /** Resolves false when the message is not ours any more, or is gone. */
  async remove({ messageId, popReceipt }: Receipt): Promise<boolean> {
    const what = `delete message '${messageId}' of queue '${this.name}'`;
    const removed = await unlessGone(what, () => this.#client.deleteMessage(messageId, popReceipt));
    return removed !== undefined;
  }
}

/** Up, so that no message is visible before its time. */
function toSeconds(ms: number): number {
  return Math.ceil(Math.min(Math.max(ms, 0), MAX_INVISIBLE_MS) / 1000);
}
