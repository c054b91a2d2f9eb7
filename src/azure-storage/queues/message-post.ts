/**
 * Puts messages where they belong: TaskScheduled into the work-item queue, everything else into the control queue of its
 * target. What is too large for a queue goes to a blob first. Mirrors TaskHubQueue.AddMessageAsync.
 *
 * A message for this process itself is put invisible ("self-leased") and comes back as a held message: it is as durable as
 * any other, but nobody polls for it. If the process dies, it becomes visible 30 s later.
 */
import { partitionOf } from '../../core/partition-of.ts';
import { dueTimeMs, isActivityMessage, type TaskMessage } from '../../core/task-message.ts';
import type { LargePayloads } from '../blobs/large-payloads.ts';
import { HeldMessage } from './held-message.ts';
import { storageCall } from '../storage-error.ts';
import {
  encodeMessage,
  encodeStub,
  MAX_QUEUE_MESSAGE_BYTES,
  messageBlobName,
  type QueueMessageEncoding,
  toQueueText,
} from './message-codec.ts';
import { MessageLock } from './message-lock.ts';
import type { MessageQueue, Receipt } from './message-queue.ts';
import { markedActivityId } from './sending-order.ts';

/** How long a self-leased message stays invisible beyond now, or beyond its due time. */
export const SELF_LEASE_MS = 30_000;

export interface PostOptions {
  readonly controlQueues: readonly MessageQueue[];
  readonly workItemQueue: MessageQueue;
  readonly payloads: LargePayloads;
  readonly encoding: QueueMessageEncoding;
  readonly now: () => number;
  /** 32 hex digits. */
  readonly newId: () => string;
  /** Told of each message that was put for everybody to see from a later time on, in ms since the epoch. */
  readonly hidden: (message: TaskMessage, untilMs: number) => void;
  readonly selfLeaseMs: number;
}

export interface Posted {
  /** Where the message went when it was too large for the queue. */
  readonly blobName: string | undefined;
}

export class MessagePost {
  readonly #options: PostOptions;
  readonly #mark: string;
  #sequenceNumber = 0;

  constructor(options: PostOptions) {
    this.#options = options;
    this.#mark = options.newId();
  }

  /** Puts a message for everybody, visible when it is due and not before `afterMs` from now. */
  async put(message: TaskMessage, afterMs = 0): Promise<Posted> {
    const { now, hidden } = this.#options;
    const startedMs = now();
    const invisibleMs = Math.max((dueTimeMs(message) ?? 0) - startedMs, afterMs, 0);
    const { blobName, receipt } = await this.#put(message, invisibleMs);
    // Storage counted from when it got the message, at some time while we waited.
    if (invisibleMs > 0) hidden(message, receipt.visibleAtMs + now() - startedMs);
    return { blobName };
  }

  /** Puts a message for this process alone. */
  async putHeld<Message extends TaskMessage>(
    message: Message,
  ): Promise<Posted & { readonly held: HeldMessage<Message> }> {
    const { selfLeaseMs } = this.#options;
    const nowMs = this.#options.now();
    const fromMs = dueTimeMs(message) ?? 0;
    const invisibleMs = Math.max(fromMs - nowMs, 0) + selfLeaseMs;
    const { receipt, blobName } = await this.#put(message, invisibleMs);
    const lease = { leaseMs: selfLeaseMs, fromMs };
    const lock = new MessageLock(this.queueOf(message), receipt, lease);
    return { blobName, held: new HeldMessage(message, lock, { dequeueCount: 1 }) };
  }

  /** Where the message goes. */
  queueOf(message: TaskMessage): MessageQueue {
    const { controlQueues, workItemQueue } = this.#options;
    if (isActivityMessage(message)) return workItemQueue;
    const queue = controlQueues[partitionOf(message.target.instanceId, controlQueues.length)];
    if (queue === undefined) throw new RangeError('A task hub needs at least one partition.');
    return queue;
  }

  async #put(
    message: TaskMessage,
    invisibleMs: number,
  ): Promise<Posted & { readonly receipt: Receipt }> {
    const { encoding, newId } = this.#options;
    const activityId = markedActivityId(newId(), this.#mark);
    const sequenceNumber = ++this.#sequenceNumber;
    const json = encodeMessage(message, { activityId, sequenceNumber });
    const isLarge = Buffer.byteLength(json, 'utf8') > MAX_QUEUE_MESSAGE_BYTES;
    const blobName = isLarge ? messageBlobName(message, activityId) : undefined;
    if (blobName !== undefined) await this.#upload(blobName, json);
    const text = blobName === undefined ? json : encodeStub(blobName, message.sender);
    const receipt = await this.queueOf(message).put(toQueueText(text, encoding), invisibleMs);
    return { receipt, blobName };
  }

  async #upload(blobName: string, json: string): Promise<void> {
    await storageCall(`upload large message '${blobName}'`, () =>
      this.#options.payloads.upload(blobName, json),
    );
  }
}
