/**
 * One storage queue: the four operations on messages, in our units (milliseconds, receipts), with our errors.
 * Messages never expire. Mirrors Storage/Queue.cs.
 */
import type { QueueClient } from '@azure/storage-queue';
import type { QueueMessages } from '../requests/queue-messages.ts';
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

/** A message that everybody sees, and that stays where it is. */
export interface PeekedText {
  readonly text: string;
  /** How often it was received. */
  readonly dequeueCount: number;
  readonly insertedAtMs: number;
}

/** As many as storage shows at a time. */
export const MOST_PEEKED = 32;

/** Storage hides messages for 7 days at most; a minute less leaves room for clocks that differ. */
export const MAX_INVISIBLE_MS = 7 * 24 * 3_600_000 - 60_000;

export class MessageQueue {
  readonly #client: QueueClient;
  readonly #messages: QueueMessages;
  readonly #now: () => number;

  /** @param client creates and deletes the queue. @param messages of the same queue. */
  constructor(client: QueueClient, messages: QueueMessages, now: () => number) {
    this.#client = client;
    this.#messages = messages;
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

  /** Of all messages, those that are hidden included. Exact when nobody uses the queue. */
  async count(): Promise<number> {
    const { approximateMessagesCount = 0 } = await storageCall(
      `count the messages of queue '${this.name}'`,
      () => this.#client.getProperties(),
    );
    return approximateMessagesCount;
  }

  /** The first MOST_PEEKED of those that everybody sees, and the time of storage, in ms since the epoch. */
  async peek(): Promise<{ readonly messages: readonly PeekedText[]; readonly timeMs: number }> {
    const { peekedMessageItems, date } = await storageCall(
      `peek at messages of queue '${this.name}'`,
      () => this.#client.peekMessages({ numberOfMessages: MOST_PEEKED }),
    );
    const messages = peekedMessageItems.map(({ messageText, dequeueCount, insertedOn }) => ({
      text: messageText,
      dequeueCount,
      insertedAtMs: insertedOn.getTime(),
    }));
    return { messages, timeMs: date?.getTime() ?? this.#now() };
  }

  /** Deletes all messages, those that are hidden included. */
  async clear(): Promise<void> {
    await storageCall(`clear queue '${this.name}'`, () => this.#client.clearMessages());
  }

  /** @param invisibleMs rounded up to whole seconds, and cut at MAX_INVISIBLE_MS */
  async put(text: string, invisibleMs: number): Promise<Receipt> {
    const seconds = toSeconds(invisibleMs);
    const visibleAtMs = this.#now() + seconds * 1000;
    const { messageId, popReceipt } = await storageCall(
      `put a message to queue '${this.name}'`,
      () => this.#messages.put(text, seconds),
    );
    return { messageId, popReceipt, visibleAtMs };
  }

  async receive(count: number, invisibleMs: number): Promise<readonly ReceivedText[]> {
    const seconds = Math.max(1, toSeconds(invisibleMs));
    const visibleAtMs = this.#now() + seconds * 1000;
    const got = await storageCall(`receive messages from queue '${this.name}'`, () =>
      this.#messages.get(count, seconds),
    );
    return got.map(({ messageId, popReceipt, ...message }) => ({
      receipt: { messageId, popReceipt, visibleAtMs },
      ...message,
    }));
  }

  /** Changes when the message becomes visible. Resolves undefined when it is not ours any more. */
  async changeVisibility(receipt: Receipt, invisibleMs: number): Promise<Receipt | undefined> {
    const { messageId, popReceipt } = receipt;
    const seconds = toSeconds(invisibleMs);
    const visibleAtMs = this.#now() + seconds * 1000;
    return unlessGone(`hold message '${messageId}' of queue '${this.name}'`, async () => {
      const changed = await this.#messages.update(receipt, seconds);
      return { messageId, popReceipt: changed ?? popReceipt, visibleAtMs };
    });
  }

  /** Resolves false when the message is not ours any more, or is gone. */
  async remove(receipt: Receipt): Promise<boolean> {
    const what = `delete message '${receipt.messageId}' of queue '${this.name}'`;
    const removed = await unlessGone(what, async () => {
      await this.#messages.delete(receipt);
      return true;
    });
    return removed ?? false;
  }
}

/** Up, so that no message is visible before its time. */
function toSeconds(ms: number): number {
  return Math.ceil(Math.min(Math.max(ms, 0), MAX_INVISIBLE_MS) / 1000);
}
