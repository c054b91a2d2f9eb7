/**
 * A look at the messages of a queue: one request, which takes nothing. Storage shows the first 32 of those that everybody sees; a timer
 * before its time, and what a worker has in its hands, it does not show.
 */
import { atMost } from '../base/at-most.ts';
import { CorruptMessageError } from '../core/errors.ts';
import { dueTimeMs } from '../core/task-message.ts';
import { type QueuedMessage, queuedMessageOf } from '../core/queued-message.ts';
import type { PeekQuery } from '../engine/backend.ts';
import { decodeMessage, jsonTextOf } from './queues/message-codec.ts';
import { factsOfText } from './queues/message-facts.ts';
import { MOST_PEEKED, type MessageQueue, type PeekedText } from './queues/message-queue.ts';
import { statusOf } from './storage-error.ts';

/** Until then, should the process end, nobody gets what was received to be looked at. */
const HIDDEN_MS = 30_000;
const MAX_PARALLEL = 16;

/** See `TaskHubClientBackend.peekMessages`. */
export async function peekMessages(
  queues: readonly MessageQueue[],
  { queue: name, count, isDue }: PeekQuery,
): Promise<readonly QueuedMessage[] | undefined> {
  const queue = queues.find((each) => each.name === name);
  if (queue === undefined || isDue) return undefined;
  try {
    const { messages } = await queue.peek();
    return messages.slice(0, count).map(queuedOf);
  } catch (error) {
    // There is no hub.
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** See `TaskHubClientBackend.dropMessages`. Those that stay were hidden for a moment, and count as delivered once more. */
export async function dropMessages(
  queues: readonly MessageQueue[],
  name: string,
  isMeant: (message: QueuedMessage) => boolean,
): Promise<number> {
  const queue = queues.find((each) => each.name === name);
  if (queue === undefined) return 0;
  try {
    const received = await queue.receive(MOST_PEEKED, HIDDEN_MS);
    const dropped = await atMost(MAX_PARALLEL, received, async ({ receipt, ...message }) => {
      if (isMeant(queuedOf(message))) return await queue.remove(receipt);
      await queue.changeVisibility(receipt, 0);
      return false;
    });
    return dropped.filter((isDropped) => isDropped).length;
  } catch (error) {
    // There is no hub.
    if (statusOf(error) === 404) return 0;
    throw error;
  }
}

function queuedOf({ text, dequeueCount, insertedAtMs }: PeekedText): QueuedMessage {
  const insertedTime = new Date(insertedAtMs).toISOString();
  const row = { insertedTime, dueTime: null, dequeueCount };
  try {
    const decoded = decodeMessage(text);
    if (decoded.kind === 'message') {
      const dueMs = dueTimeMs(decoded.message);
      const dueTime = dueMs === undefined ? null : new Date(dueMs).toISOString();
      return queuedMessageOf(decoded.message, { ...row, dueTime, body: jsonTextOf(text) });
    }
  } catch (error) {
    // Whoever receives it reports it.
    if (!(error instanceof CorruptMessageError)) throw error;
  }
  const { instanceId, executionId, eventType, taskEventId, request } = factsOfText(text);
  const name = request?.name ?? null;
  return { instanceId, executionId, eventType, taskEventId, name, ...row, body: readable(text) };
}

function readable(text: string): string {
  try {
    return jsonTextOf(text);
  } catch (error) {
    if (error instanceof CorruptMessageError) return text;
    throw error;
  }
}
