/**
 * One message of a queue trigger, from its receipt to its end. Mirrors QueueListener.ProcessMessageAsync and QueueProcessor.
 * Q1 A message leaves the queue only after its function succeeded, or after it was put to the poison queue.
 * Q2 While the function runs nobody else gets the message: it is held for longer at half-time, again and again.
 * Q3 A failure of storage loses nothing: the message comes again when its time is over.
 */
import type { QueueClient } from '@azure/storage-queue';
import { InvalidInputError } from '../core/errors.ts';
import type {
  FunctionApp,
  InvocationRequest,
  LoadedFunction,
} from '../function-app/function-app.ts';
import { errorText, text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import { queueRequest } from '../triggers/queue-payload.ts';
import { runFunction } from '../triggers/run-function.ts';
import { keepHeld } from './keep-held.ts';
import { decodeBody, putMessage, type QueueEncoding } from './queue-message.ts';
import type { QueueWatcher } from './queue-watcher.ts';
import type { HeldMessage, TriggerQueue } from './trigger-queue.ts';

export interface QueueRunOptions {
  readonly app: Pick<FunctionApp, 'invoke'>;
  readonly fn: LoadedFunction;
  readonly queue: TriggerQueue;
  /** undefined: a message that fails stays hidden until its time is over. */
  readonly poisonQueue: QueueClient | undefined;
  readonly encoding: QueueEncoding;
  /** Tries before a message goes to the poison queue. */
  readonly maxDequeueCount: number;
  /** How long a message stays hidden after a failed run. */
  readonly visibilityTimeoutMs: number;
  /** How long a message is held at a time. */
  readonly holdMs: number;
  readonly watcher: QueueWatcher;
  readonly log: Logger;
}

const CATEGORY = 'Host.Triggers.Queue';

/** Never rejects. */
export async function runMessage(message: HeldMessage, options: QueueRunOptions): Promise<void> {
  try {
    const { dequeueCount } = message.received;
    const isTriedOut = dequeueCount > options.maxDequeueCount;
    const request = isTriedOut ? undefined : requestOf(message, options);
    if (request === undefined) await moveToPoison(message, options);
    else if (await runHeld(message, request, options)) await options.queue.remove(message);
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
async function afterFailure(message: HeldMessage, options: QueueRunOptions): Promise<void> {
  const { queue, poisonQueue, maxDequeueCount, visibilityTimeoutMs } = options;
  if (poisonQueue === undefined) return;
  if (message.received.dequeueCount >= maxDequeueCount) await moveToPoison(message, options);
  else await queue.release(message, visibilityTimeoutMs);
}

/** undefined for a message that the function can never get. */
function requestOf(
  { received, popReceipt }: HeldMessage,
  options: QueueRunOptions,
): InvocationRequest | undefined {
  const { messageId } = received;
  const body = decodeBody(received.messageText, options.encoding);
  if (body === undefined) {
    say(
      options,
      'warning',
      `The message '${messageId}' of queue '${options.queue.name}' is not Base64. Senders that write plain text need "messageEncoding": "none" under extensions.queues of host.json.`,
    );
    return undefined;
  }
  try {
    const message = { ...received, id: messageId, popReceipt, body };
    return queueRequest(options.fn, message);
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    say(options, 'warning', error.message, error);
    return undefined;
  }
}

/** @returns whether the function succeeded. */
async function runHeld(
  message: HeldMessage,
  request: InvocationRequest,
  options: QueueRunOptions,
): Promise<boolean> {
  const { app, fn, queue, log } = options;
  const { messageId, dequeueCount, insertedOn } = message.received;
  const reason = {
    text: `New queue message detected on '${queue.name}'.`,
    details: {
      MessageId: messageId,
      DequeueCount: String(dequeueCount),
      InsertedOn: insertedOn.toISOString().replace('Z', '+00:00'),
    },
  };
  const stopHolding = keepHeld(message, options);
  try {
    return (await runFunction(app, fn, request, reason, log)).kind === 'succeeded';
  } finally {
    await stopHolding();
  }
}

async function moveToPoison(message: HeldMessage, options: QueueRunOptions): Promise<void> {
  const { poisonQueue, maxDequeueCount } = options;
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
  { log }: QueueRunOptions,
  level: 'warning' | 'error',
  message: string,
  error?: unknown,
): void {
  text(log, level, CATEGORY, message, error);
}
