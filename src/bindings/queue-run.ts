/**
 * One message that functions are run for, from its receipt to its end. Mirrors QueueListener.ProcessMessageAsync and QueueProcessor.
 * Q1 A message leaves the queue only after its function succeeded, or after it was put to the poison queue.
 * Q2 While the function runs nobody else gets the message: it is held for longer at half-time, again and again.
 * Q3 A failure of storage loses nothing: the message comes again when its time is over.
 */
import type { QueueClient } from '@azure/storage-queue';
import { errorText, text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import type { RunReason } from '../triggers/run-function.ts';
import { keepHeld } from './keep-held.ts';
import { putMessage } from './queue-message.ts';
import type { StorageWatcher } from './storage-watcher.ts';
import type { HeldMessage, TriggerQueue } from './trigger-queue.ts';

export interface MessageRunOptions {
  readonly queue: TriggerQueue;
  /** Tries before a message goes to the poison queue. */
  readonly maxDequeueCount: number;
  /** How long a message stays hidden after a failed run. */
  readonly visibilityTimeoutMs: number;
  /** How long a message is held at a time. */
  readonly holdMs: number;
  readonly watcher: StorageWatcher;
  readonly log: Logger;
  /** What is to be done about the message; undefined when nothing ever can. */
  readonly workOf: (message: HeldMessage) => MessageWork | undefined;
  /** undefined: a message that fails stays hidden until its time is over. */
  readonly poisonQueueOf: (message: HeldMessage) => QueueClient | undefined;
}

/** @returns whether it succeeded. Rejects when it should be tried again later. */
export type MessageWork = () => Promise<boolean>;

const CATEGORY = 'Host.Triggers.Queue';

/** Never rejects. */
export async function runMessage(message: HeldMessage, options: MessageRunOptions): Promise<void> {
  try {
    const { dequeueCount } = message.received;
    const isTriedOut = dequeueCount > options.maxDequeueCount;
    const work = isTriedOut ? undefined : options.workOf(message);
    if (work === undefined) await moveToPoison(message, options);
    else if (await runHeld(message, work, options)) await options.queue.remove(message);
    else await afterFailure(message, options);
  } catch (error) {
    const { messageId } = message.received;
    say(
      options,
      'error',
      `The message '${messageId}' of queue '${options.queue.name}' comes again when its time is over: ${errorText(error)}`,
      error,
    );
  }
}

/** Without a poison queue a failed message stays hidden, lest it fail again and again at once. */
async function afterFailure(message: HeldMessage, options: MessageRunOptions): Promise<void> {
  const { queue, maxDequeueCount, visibilityTimeoutMs } = options;
  if (options.poisonQueueOf(message) === undefined) return;
  if (message.received.dequeueCount >= maxDequeueCount) await moveToPoison(message, options);
  else await queue.release(message, visibilityTimeoutMs);
}

async function runHeld(
  message: HeldMessage,
  work: MessageWork,
  options: MessageRunOptions,
): Promise<boolean> {
  const stopHolding = keepHeld(message, options);
  try {
    return await work();
  } finally {
    await stopHolding();
  }
}

/** Why a function runs, for its log. */
export function reasonOf(text: string, { received }: HeldMessage): RunReason {
  const { messageId, dequeueCount, insertedOn } = received;
  return {
    text,
    details: {
      MessageId: messageId,
      DequeueCount: String(dequeueCount),
      InsertedOn: insertedOn.toISOString().replace('Z', '+00:00'),
    },
  };
}

async function moveToPoison(message: HeldMessage, options: MessageRunOptions): Promise<void> {
  const { maxDequeueCount } = options;
  const poisonQueue = options.poisonQueueOf(message);
  if (poisonQueue === undefined) return;
  const { dequeueCount, messageText } = message.received;
  const cause =
    dequeueCount >= maxDequeueCount
      ? `Message has reached MaxDequeueCount of ${maxDequeueCount}.`
      : `Message '${message.received.messageId}' cannot be read.`;
  say(options, 'warning', `${cause} Moving message to queue '${poisonQueue.name}'.`);
  await putMessage(poisonQueue, messageText);
  options.watcher.notify(poisonQueue.url);
  await options.queue.remove(message);
}

function say(
  { log }: Pick<MessageRunOptions, 'log'>,
  level: 'warning' | 'error',
  message: string,
  error?: unknown,
): void {
  text(log, level, CATEGORY, message, error);
}
