/** Between the queues of a hub and its poison store, either way. */
import { atMost } from '../base/at-most.ts';
import { CorruptMessageError, InvalidInputError } from '../core/errors.ts';
import { type PoisonMessage, taskEventIdOf } from '../core/poison-message.ts';
import type { TaskMessage } from '../core/task-message.ts';
import type { DeliveredMessage, TakenMessage, UnreadableMessage } from '../engine/backend.ts';
import type { PoisonStore } from './poison-store.ts';
import { heldOf } from './queues/held-message.ts';
import { type DecodedMessage, decodeMessage, encodeMessage } from './queues/message-codec.ts';
import type { MessagePost } from './queues/message-post.ts';
import type { MessageQueue } from './queues/message-queue.ts';
import { type UnreadableText, unreadableOf } from './queues/unreadable-messages.ts';

const MAX_PARALLEL = 16;

export interface SettingAside {
  readonly poison: PoisonStore;
  readonly newId: () => string;
  readonly now: () => number;
  /** The name of the queue that a message goes into. */
  readonly queueOf: (message: TaskMessage) => string;
}

type Described = Omit<PoisonMessage, 'reason' | 'setAsideTime'>;

/** Stores the messages; those that cannot be read are deleted then. */
export async function setAside(
  { poison, newId, now, queueOf }: SettingAside,
  messages: readonly (DeliveredMessage | UnreadableMessage | TakenMessage)[],
  reason: string,
): Promise<void> {
  await atMost(MAX_PARALLEL, messages, async (given) => {
    const common = { reason, setAsideTime: new Date(now()).toISOString() };
    if ('taken' in given) {
      const { id, taken: message, dequeueCount } = given;
      const held = { id, origin: queueOf(message), dequeueCount };
      await poison.put({ ...common, ...held, ...describeMessage(message, newId()) });
      return;
    }
    if ('message' in given) {
      await poison.put({ ...common, ...describe(given, newId()) });
      return;
    }
    const unreadable = unreadableOf(given);
    await poison.put({ ...common, ...describeText(unreadable) });
    await unreadable.queue.remove(unreadable.received.receipt);
  });
}

/** An answer that was never put has the id of the work item that it answers: it is another message. */
function describe(delivered: DeliveredMessage, newId: string): Described {
  const { message, lock, kind, dequeueCount } = heldOf(delivered);
  const id = kind === 'answer' ? `${lock.messageId}-answer` : lock.messageId;
  const origin = lock.queue.name;
  return { id, origin, dequeueCount, ...describeMessage(message, newId) };
}

function describeMessage(
  message: TaskMessage,
  newId: string,
): Omit<Described, 'id' | 'origin' | 'dequeueCount'> {
  const { event, target } = message;
  const activityId = newId.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  return {
    instanceId: target.instanceId,
    eventType: event.EventType,
    taskEventId: taskEventIdOf(event),
    body: encodeMessage(message, { activityId, sequenceNumber: 0 }),
  };
}

function describeText({ facts, origin, received }: UnreadableText): Described {
  const { instanceId, eventType, taskEventId } = facts;
  const { messageId: id } = received.receipt;
  const { dequeueCount, text: body } = received;
  return { id, origin, dequeueCount, instanceId, eventType, taskEventId, body };
}

export interface Replaying {
  readonly poison: PoisonStore;
  readonly post: MessagePost;
  /** Told of each message that everybody sees. */
  readonly arrived: (message: TaskMessage) => void;
  /** Of the hub. */
  readonly queues: readonly MessageQueue[];
}

/** What can be read goes where its like goes; the rest goes as it is into the queue that it came from. */
export async function replayPoison(
  { poison, post, arrived, queues }: Replaying,
  id: string,
): Promise<boolean> {
  const found = await poison.find(id);
  if (found === undefined) return false;
  const decoded = readableOf(found.body);
  if (decoded?.kind === 'message') {
    await post.put(decoded.message);
    arrived(decoded.message);
  } else {
    const origin = queues.find(({ name }) => name === found.origin);
    if (origin === undefined) {
      throw new InvalidInputError(
        `The poison message '${id}' is of queue '${found.origin}', which the hub does not have any more, and cannot be read: it cannot be put back.`,
      );
    }
    await origin.put(found.body, 0);
  }
  return await poison.delete(id);
}

function readableOf(body: string): DecodedMessage | undefined {
  try {
    return decodeMessage(body);
  } catch (error) {
    if (error instanceof CorruptMessageError) return undefined;
    throw error;
  }
}
