/**
 * What waits in the queues of a hub, and how many workers there are: one request for the partitions, one for each queue, and one more
 * for a queue that has something. Storage counts what is hidden, but shows only what is not: a timer that is due next week, and a
 * message that a worker has in its hands, look the same.
 * Mirrors DisconnectedPerformanceMonitor and ControlQueue's metrics.
 */
import { CorruptMessageError } from '../core/errors.ts';
import type { HubBacklog, QueueBacklog } from '../core/hub-backlog.ts';
import { dueTimeMs } from '../core/task-message.ts';
import type { OpenPartitions } from './partitions/open-partitions.ts';
import { decodeMessage } from './queues/message-codec.ts';
import { MOST_PEEKED, type MessageQueue, type PeekedText } from './queues/message-queue.ts';
import { statusOf } from './storage-error.ts';

export interface BacklogSources {
  readonly controlQueues: readonly MessageQueue[];
  readonly workItemQueue: MessageQueue;
  readonly partitions: Pick<OpenPartitions, 'readLiveOwners'>;
}

export async function readBacklog(sources: BacklogSources): Promise<HubBacklog> {
  const { controlQueues, workItemQueue } = sources;
  const [control, workItems, processes] = await Promise.all([
    Promise.all(controlQueues.map(queueBacklog)),
    queueBacklog(workItemQueue),
    countOwners(sources),
  ]);
  const isHidden = control.some(({ hidden }) => hidden > 0);
  return {
    controlQueues: control,
    workItems,
    nextDueInMs: isHidden ? 0 : undefined,
    processes,
    workerLimit: undefined,
  };
}

async function queueBacklog(queue: MessageQueue): Promise<QueueBacklog> {
  const { name } = queue;
  const empty = { name, waiting: 0, hidden: 0, oldestWaitingMs: undefined };
  try {
    const count = await queue.count();
    if (count === 0) return empty;
    const { messages, timeMs } = await queue.peek();
    // Beyond what storage shows, nobody knows which are hidden.
    const waiting = messages.length < MOST_PEEKED ? messages.length : Math.max(count, MOST_PEEKED);
    return {
      name,
      waiting,
      // The count is about right, and was taken a moment before.
      hidden: Math.max(0, count - waiting),
      oldestWaitingMs: oldestAgeMs(messages, timeMs),
    };
  } catch (error) {
    if (statusOf(error) === 404) return empty;
    throw error;
  }
}

/** Without those that a worker had and gave back, as it could do nothing with them: more workers could not, either. */
function oldestAgeMs(messages: readonly PeekedText[], timeMs: number): number | undefined {
  const ages = messages
    .filter(({ dequeueCount }) => dequeueCount === 0)
    .map((message) => timeMs - visibleSinceMs(message));
  return ages.length === 0 ? undefined : Math.max(0, ...ages);
}

/** A timer was put long before it was to be seen. */
function visibleSinceMs({ text, insertedAtMs }: PeekedText): number {
  return Math.max(insertedAtMs, dueTimeOf(text) ?? 0);
}

/** undefined also for a message in a blob, which is not downloaded for this: only starts with large inputs are due later there. */
function dueTimeOf(text: string): number | undefined {
  try {
    const decoded = decodeMessage(text);
    return decoded.kind === 'message' ? dueTimeMs(decoded.message) : undefined;
  } catch (error) {
    // Whoever receives it reports it.
    if (error instanceof CorruptMessageError) return undefined;
    throw error;
  }
}

async function countOwners({ partitions }: BacklogSources): Promise<number> {
  try {
    return (await partitions.readLiveOwners()).size;
  } catch (error) {
    // There is no hub.
    if (statusOf(error) === 404) return 0;
    throw error;
  }
}
