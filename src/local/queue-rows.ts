/** The rows of messages. A message has a number for life, and moves when it has to wait for a time. */
import { isRecord, parseRecord } from '../base/json.ts';
import { CorruptMessageError } from '../core/errors.ts';
import { EVENT_TYPE_NUMBERS } from '../core/history-event.ts';
import type { TaskMessage } from '../core/task-message.ts';
import type { HubTables, QueueTables } from './hub-tables.ts';

const EVENT_TYPES: ReadonlySet<unknown> = new Set(Object.keys(EVENT_TYPE_NUMBERS));

/** Where a message lies in its queue. */
export interface MessagePlace {
  readonly sequence: number;
  /** undefined: among those that can be delivered. */
  readonly dueMs: number | undefined;
}

export interface MessageRow {
  readonly message: TaskMessage;
  /** How often it was delivered, the next time included. */
  readonly dequeueCount: number;
}

export function rowText(row: MessageRow): string {
  return JSON.stringify(row);
}

/** @throws {CorruptMessageError} the text is no message. */
export function parseRow(text: string): MessageRow {
  const row = parseRecord(text);
  const message = row?.['message'];
  const isMessage =
    isRecord(message) &&
    isRecord(message['target']) &&
    typeof message['target']['instanceId'] === 'string' &&
    isRecord(message['event']) &&
    EVENT_TYPES.has(message['event']['EventType']) &&
    isRecord(message['sender']) &&
    typeof row?.['dequeueCount'] === 'number';
  if (isMessage) return row as unknown as MessageRow;
  throw new CorruptMessageError(
    `The row is no message of this hub; it begins with ${JSON.stringify(text.slice(0, 40))}.`,
  );
}

/** The number of the last message that was put. */
export function lastSequence({ meta }: Pick<HubTables, 'meta'>, queue: QueueTables): number {
  return Number(meta.get(queue.counter) ?? 0);
}

/** Takes as many numbers as there are messages to put. @returns the first. */
export function takeSequences(
  tables: Pick<HubTables, 'meta'>,
  queue: QueueTables,
  count: number,
): number {
  const last = lastSequence(tables, queue);
  tables.meta.putSync(queue.counter, String(last + count));
  return last + 1;
}

export function putMessage(queue: QueueTables, place: MessagePlace, text: string): void {
  const { sequence, dueMs } = place;
  if (dueMs === undefined) queue.ready.putSync(sequence, text);
  else queue.due.putSync([dueMs, sequence], text);
}

/** @returns whether it was there. */
export function removeMessage(queue: QueueTables, { sequence, dueMs }: MessagePlace): boolean {
  return dueMs === undefined
    ? queue.ready.removeSync(sequence)
    : queue.due.removeSync([dueMs, sequence]);
}

export function hasMessage(queue: QueueTables, { sequence, dueMs }: MessagePlace): boolean {
  return dueMs === undefined
    ? queue.ready.doesExist(sequence)
    : queue.due.doesExist([dueMs, sequence]);
}
