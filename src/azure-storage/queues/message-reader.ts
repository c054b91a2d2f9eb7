/**
 * Messages that a poll brought, decoded and locked. One that is in our hands already only brings a new receipt. One that cannot be
 * read goes its own way (`unreadable-messages.ts`), so that it holds up nobody; one whose payload storage does not hand out now is
 * given back with a growing pause. Mirrors TaskHubQueue.AbandonMessageAsync.
 */
import { CorruptMessageError } from '../../core/errors.ts';
import { dueTimeMs, type TaskMessage } from '../../core/task-message.ts';
import type { Logger } from '../../telemetry/log.ts';
import { messageUnreadable } from '../../telemetry/log-events.ts';
import type { LargePayloads } from '../blobs/large-payloads.ts';
import { HeldMessage } from './held-message.ts';
import { storageCall } from '../storage-error.ts';
import type { LockKeeper } from './lock-keeper.ts';
import { decodeMessage, type MessageEnvelope } from './message-codec.ts';
import { MessageLock } from './message-lock.ts';
import { MAX_INVISIBLE_MS, type MessageQueue, type ReceivedText } from './message-queue.ts';
import { inSendingOrder } from './sending-order.ts';
import { type UnreadableMessages, UnreadableText } from './unreadable-messages.ts';

export interface ReaderOptions {
  readonly taskHub: string;
  readonly payloads: LargePayloads;
  readonly keeper: LockKeeper;
  readonly unreadable: UnreadableMessages;
  readonly log: Logger;
}

export class MessageReader {
  readonly #options: ReaderOptions;

  constructor(options: ReaderOptions) {
    this.#options = options;
  }

  /**
   * Reads one batch of a queue, in the order in which it was sent.
   * @param accept throws {CorruptMessageError} for messages that do not belong into this queue
   */
  async read(
    queue: MessageQueue,
    batch: readonly ReceivedText[],
    { leaseMs, accept }: { leaseMs: number; accept: (message: TaskMessage) => void },
  ): Promise<readonly HeldMessage[]> {
    const fresh = batch.filter(({ receipt }) => !this.#options.keeper.takeOver(receipt));
    const read = await Promise.all(
      fresh.map(async (received) => {
        try {
          const { message, ...sent } = await this.#decode(received.text);
          accept(message);
          const lease = { leaseMs, fromMs: dueTimeMs(message) ?? 0 };
          const lock = new MessageLock(queue, received.receipt, lease);
          this.#options.keeper.keep(lock);
          const early = earlyReceipts(lease.fromMs, received.insertedAtMs);
          const dequeueCount = Math.max(1, received.dequeueCount - early);
          const held = new HeldMessage(message, lock, { dequeueCount });
          return { message: held, ...sent, insertedAtMs: received.insertedAtMs };
        } catch (error) {
          this.#turnAway(queue, received, error);
          return undefined;
        }
      }),
    );
    return inSendingOrder(read.filter((one) => one !== undefined));
  }

  async #decode(text: string): Promise<{ message: TaskMessage } & MessageEnvelope> {
    const decoded = decodeMessage(text);
    if (decoded.kind === 'message') return decoded;
    const { blobName } = decoded;
    const content = await storageCall(`download large message '${blobName}'`, () =>
      this.#options.payloads.download(blobName),
    );
    const inBlob = decodeMessage(content);
    if (inBlob.kind === 'message') return inBlob;
    throw new CorruptMessageError(`The large message '${blobName}' names another large message.`);
  }

  /** Storage that is away is to blame for itself: the message is none the worse. */
  #turnAway(queue: MessageQueue, received: ReceivedText, error: unknown): void {
    const { log, taskHub, unreadable } = this.#options;
    if (error instanceof CorruptMessageError) {
      unreadable.add(new UnreadableText(queue, received, error));
      return;
    }
    const { dequeueCount } = received;
    messageUnreadable(log, { taskHub, queue: queue.name, dequeueCount }, error);
    void unreadable.giveBack({ queue, received });
  }
}

/**
 * How often storage shows a message before its time, because it hides none for longer than MAX_INVISIBLE_MS: these receipts
 * are no failed deliveries.
 */
export function earlyReceipts(dueMs: number, insertedAtMs: number): number {
  return Math.max(0, Math.ceil((dueMs - insertedAtMs) / MAX_INVISIBLE_MS) - 1);
}
