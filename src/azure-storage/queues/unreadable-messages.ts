/**
 * Queue messages that cannot be read, from the poll that brought them until somebody has decided what becomes of them. They are no
 * part of the deliveries: nothing waits for them, and they wait for nothing.
 */
import { atMost } from '../../base/at-most.ts';
import { redeliveryPauseMs } from '../../base/back-off.ts';
import { WaitingLine } from '../../base/waiting-line.ts';
import { type CorruptMessageError, InvalidInputError } from '../../core/errors.ts';
import type { MessageFacts } from '../../core/poison-message.ts';
import type { UnreadableMessage } from '../../engine/backend.ts';
import { levelOf, text } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import { factsOfText } from './message-facts.ts';
import type { MessageQueue, ReceivedText } from './message-queue.ts';

const MAX_PARALLEL_RETURNS = 16;

/** One of them, with what it takes to give it back or to delete it. */
export class UnreadableText implements UnreadableMessage {
  readonly queue: MessageQueue;
  readonly received: ReceivedText;
  readonly problem: CorruptMessageError;
  readonly facts: MessageFacts;
  readonly mayBeRead = true;

  constructor(queue: MessageQueue, received: ReceivedText, problem: CorruptMessageError) {
    this.queue = queue;
    this.received = received;
    this.problem = problem;
    this.facts = factsOfText(received.text);
  }

  get origin(): string {
    return this.queue.name;
  }

  get dequeueCount(): number {
    return this.received.dequeueCount;
  }
}

/**
 * The queue message behind an unreadable one.
 * @throws {InvalidInputError} when it was not delivered by this backend.
 */
export function unreadableOf(message: UnreadableMessage): UnreadableText {
  if (message instanceof UnreadableText) return message;
  throw new InvalidInputError(
    'An unreadable message was handed back that this backend did not deliver. Hand back the very object.',
  );
}

export class UnreadableMessages {
  readonly #log: Logger;
  /** By their ids: one that waits here for longer than it is hidden comes again. */
  readonly #waiting = new Map<string, UnreadableText>();
  readonly #line = new WaitingLine<UnreadableMessage>(() => this.#take());

  constructor(log: Logger) {
    this.#log = log;
  }

  add(message: UnreadableText): void {
    this.#waiting.set(message.received.receipt.messageId, message);
    this.#line.serve();
  }

  /** Waits for one. Resolves undefined when `signal` aborts. */
  next(signal: AbortSignal): Promise<UnreadableMessage | undefined> {
    return this.#line.next(signal);
  }

  /** @param pauseMs after which it comes again. @default it grows with the deliveries */
  async giveBack(
    { queue, received }: Pick<UnreadableText, 'queue' | 'received'>,
    pauseMs = redeliveryPauseMs(received.dequeueCount),
  ): Promise<void> {
    const { receipt } = received;
    try {
      await queue.changeVisibility(receipt, pauseMs);
    } catch (error) {
      // It becomes visible anyway when its lock ends.
      const what = `Message ${receipt.messageId} of queue ${queue.name} could not be given back`;
      text(this.#log, levelOf(error, 'warning'), 'Host.Triggers.DurableTask', what, error);
    }
  }

  /** Gives back what nobody has taken. */
  async releaseAll(): Promise<void> {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    await atMost(MAX_PARALLEL_RETURNS, waiting, (message) => this.giveBack(message, 0));
  }

  #take(): UnreadableMessage | undefined {
    for (const [id, message] of this.#waiting) {
      this.#waiting.delete(id);
      return message;
    }
    return undefined;
  }
}
