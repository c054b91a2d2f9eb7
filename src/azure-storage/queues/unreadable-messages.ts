/**
 * Queue messages that cannot be read, from the poll that brought them until somebody has decided what becomes of them. They are no
 * part of the deliveries: nothing waits for them. They wait until there is nothing better to do, for a while at most: each try costs a
 * request, and storage that is busy with a thousand of these has less time for what can be read.
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
/** Nobody waits longer, nor longer than for half of the time for which storage hides it. */
const LONGEST_WAIT_MS = 10_000;
/** Between two looks whether there is anything better to do. What came with the message is here by the first of them. */
const LOOK_MS = 100;

export interface UnreadableMessagesOptions {
  /** Whether messages that can be read wait. */
  readonly isBusy: () => boolean;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  readonly log: Logger;
}

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
  readonly #options: UnreadableMessagesOptions;
  /** By their ids: one that waits here for longer than it is hidden comes again. */
  readonly #waiting = new Map<
    string,
    { readonly message: UnreadableText; readonly untilMs: number }
  >();
  #timer: NodeJS.Timeout | undefined;
  readonly #line = new WaitingLine<UnreadableMessage>(() => this.#take());

  constructor(options: UnreadableMessagesOptions) {
    this.#options = options;
  }

  add(message: UnreadableText): void {
    const { messageId, visibleAtMs } = message.received.receipt;
    const nowMs = this.#options.now();
    const untilMs = nowMs + Math.min(LONGEST_WAIT_MS, (visibleAtMs - nowMs) / 2);
    this.#waiting.set(messageId, { message, untilMs });
    this.#timer ??= setInterval(() => {
      this.#look();
    }, LOOK_MS).unref();
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
      text(this.#options.log, levelOf(error, 'warning'), 'Host.Triggers.DurableTask', what, error);
    }
  }

  /** Gives back what nobody has taken. */
  async releaseAll(): Promise<void> {
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    this.#look();
    await atMost(MAX_PARALLEL_RETURNS, waiting, ({ message }) => this.giveBack(message, 0));
  }

  #look(): void {
    this.#line.serve();
    if (this.#waiting.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #take(): UnreadableMessage | undefined {
    const { isBusy, now } = this.#options;
    const isPutOff = isBusy();
    for (const [id, { message, untilMs }] of this.#waiting) {
      if (isPutOff && now() < untilMs) continue;
      this.#waiting.delete(id);
      return message;
    }
    return undefined;
  }
}
