/** The table of messages that were set aside, and the way of a message into it and back. */
import { InvalidContinuationTokenError } from '../core/errors.ts';
import { type PoisonMessage, taskEventIdOf } from '../core/poison-message.ts';
import { isActivityMessage, type TaskMessage } from '../core/task-message.ts';
import type {
  DeliveredMessage,
  PoisonPage,
  TakenMessage,
  UnreadableMessage,
} from '../engine/backend.ts';
import type { HubTables, QueueTables } from './hub-tables.ts';
import { rowText } from './queue-rows.ts';
import { storedOf } from './stored-message.ts';
import { type UnreadableRow, unreadableRowOf } from './unreadable-row.ts';

/** The numbers of messages have as many digits: the ids are in the order of arrival. */
const DIGITS = 16;

type Described = Omit<PoisonMessage, 'reason' | 'setAsideTime'>;

export function poisonOf(
  given: DeliveredMessage | UnreadableMessage | TakenMessage,
  { reason, nowMs }: { readonly reason: string; readonly nowMs: number },
): PoisonMessage {
  const common = { reason, setAsideTime: new Date(nowMs).toISOString() };
  if ('taken' in given) {
    const { id, taken: message, dequeueCount } = given;
    return { ...common, ...describeMessage(message, { id, dequeueCount }) };
  }
  return 'message' in given
    ? { ...common, ...describe(given) }
    : { ...common, ...describeRow(unreadableRowOf(given)) };
}

/** An answer that is stored nowhere has the number of the work item that it answers: it is another message. */
function describe(given: DeliveredMessage): Described {
  const { message, place, dequeueCount, workItem } = storedOf(given);
  const isActivity = isActivityMessage(message) || workItem !== undefined;
  const origin = isActivity ? 'workItems' : 'control';
  const id = `${origin}-${String(place.sequence).padStart(DIGITS, '0')}`;
  const known = { id: workItem === undefined ? id : `${id}-answer`, dequeueCount };
  return { ...describeMessage(message, known), origin };
}

function describeMessage(
  message: TaskMessage,
  known: { readonly id: string; readonly dequeueCount: number },
): Described {
  return {
    ...known,
    origin: isActivityMessage(message) ? 'workItems' : 'control',
    instanceId: message.target.instanceId,
    eventType: message.event.EventType,
    taskEventId: taskEventIdOf(message.event),
    body: rowText({ message, dequeueCount: 1 }),
  };
}

function describeRow({ origin, place, text, facts, dequeueCount }: UnreadableRow): Described {
  const { instanceId, eventType, taskEventId } = facts;
  const id = `${origin}-${String(place.sequence).padStart(DIGITS, '0')}`;
  return { id, origin, dequeueCount, instanceId, eventType, taskEventId, body: text };
}

export function putPoison({ poison }: HubTables, message: PoisonMessage): void {
  poison.putSync(message.id, JSON.stringify(message));
}

export function findPoison({ poison }: HubTables, id: string): PoisonMessage | undefined {
  const text = poison.get(id);
  return text === undefined ? undefined : (JSON.parse(text) as PoisonMessage);
}

/** @returns whether it was there. */
export function removePoison({ poison }: HubTables, id: string): boolean {
  return poison.removeSync(id);
}

/** @throws {InvalidContinuationTokenError} */
export function listPoison(
  { poison }: HubTables,
  {
    pageSize,
    continuationToken: after,
  }: { readonly pageSize: number; readonly continuationToken?: string | undefined },
): PoisonPage {
  if (
    after !== undefined &&
    !/^(?:(?:control|workItems)-\d+(?:-answer)?|taken-[\w-]+)$/.test(after)
  ) {
    throw new InvalidContinuationTokenError(after);
  }
  const start = after === undefined ? {} : { start: after, exclusiveStart: true };
  const found = [...poison.getRange({ ...start, limit: pageSize + 1 })];
  const page = found.slice(0, pageSize);
  return {
    messages: page.map(({ value }) => JSON.parse(value) as PoisonMessage),
    continuationToken: found.length > pageSize ? page.at(-1)?.key : undefined,
  };
}

/** The queue that a message came from. */
export function originOf(tables: HubTables, { origin }: PoisonMessage): QueueTables {
  return origin === 'workItems' ? tables.workItems : tables.control;
}
