/**
 * The queue of a queue trigger: messages are received for a time, held for longer, and then removed or given back. Mirrors
 * QueueProcessor of the WebJobs storage extension.
 */
import type { DequeuedMessageItem, QueueClient } from '@azure/storage-queue';
import { unlessGone } from '../azure-storage/queues/unless-gone.ts';
import { codeOf, storageCall } from '../azure-storage/storage-error.ts';

/** A message that nobody else gets until its time is over. */
export interface HeldMessage {
  readonly received: DequeuedMessageItem;
  /** Storage issues a new one each time the message is held for longer. */
  popReceipt: string;
}

export class TriggerQueue {
  readonly #client: QueueClient;
  readonly #holdMs: number;

  /** @param holdMs for how long a message is received, or held for longer. */
  constructor(client: QueueClient, holdMs: number) {
    this.#client = client;
    this.#holdMs = holdMs;
  }

  get name(): string {
    return this.#client.name;
  }

  get url(): string {
    return this.#client.url;
  }

  /** None when the queue does not exist. @throws {BackendUnavailableError} */
  async receive(count: number): Promise<readonly HeldMessage[]> {
    try {
      const { receivedMessageItems } = await storageCall(
        `receive messages from queue '${this.name}'`,
        () =>
          this.#client.receiveMessages({
            numberOfMessages: count,
            visibilityTimeout: toSeconds(this.#holdMs),
          }),
      );
      return receivedMessageItems.map((received) => ({
        received,
        popReceipt: received.popReceipt,
      }));
    } catch (error) {
      if (codeOf(error) === 'QueueNotFound') return [];
      throw error;
    }
  }

  /** @returns false when the message is not ours any more. @throws {BackendUnavailableError} */
  hold(message: HeldMessage): Promise<boolean> {
    return this.#changeVisibility(message, this.#holdMs);
  }

  /** Gives the message back, to be received again after `hiddenMs`; one that is not ours any more is left alone. */
  async release(message: HeldMessage, hiddenMs: number): Promise<void> {
    await this.#changeVisibility(message, hiddenMs);
  }

  /** A message that is not ours any more is left to whoever has it. @throws {BackendUnavailableError} */
  async remove({ received, popReceipt }: HeldMessage): Promise<void> {
    const { messageId } = received;
    await unlessGone(`delete message '${messageId}' of queue '${this.name}'`, () =>
      this.#client.deleteMessage(messageId, popReceipt),
    );
  }

  async #changeVisibility(message: HeldMessage, hiddenMs: number): Promise<boolean> {
    const { messageId } = message.received;
    const changed = await unlessGone(`hold message '${messageId}' of queue '${this.name}'`, () =>
      this.#client.updateMessage(messageId, message.popReceipt, undefined, toSeconds(hiddenMs)),
    );
    message.popReceipt = changed?.popReceipt ?? message.popReceipt;
    return changed !== undefined;
  }
}

function toSeconds(ms: number): number {
  return Math.ceil(ms / 1000);
}
