/** A look at the messages of a hub in a folder, and at what else is in its file. */
import { CorruptMessageError } from '../core/errors.ts';
import type { HubContents } from '../core/hub-contents.ts';
import { NO_FACTS } from '../core/poison-message.ts';
import { type QueuedMessage, queuedMessageOf } from '../core/queued-message.ts';
import type { PeekQuery } from '../engine/backend.ts';
import type { HubTables, QueueTables } from './hub-tables.ts';
import { parseRow } from './queue-rows.ts';
import { QUEUE_NAMES } from './read-backlog.ts';

/** As many as Azure Storage shows at a time. */
const MOST_DROPPED = 32;

/** See `TaskHubClientBackend.peekMessages`. No more rows are read than are told of. */
export function peekMessages(
  tables: Pick<HubTables, 'control' | 'workItems'>,
  { queue: name, count, isDue }: PeekQuery,
): readonly QueuedMessage[] | undefined {
  const queue = queueOf(tables, name);
  if (queue === undefined) return undefined;
  if (!isDue) {
    return [...queue.ready.getRange({ limit: count })].map(({ value }) => queuedOf(value, null));
  }
  return [...queue.due.getRange({ limit: count })].map(({ key: [dueMs], value }) =>
    queuedOf(value, new Date(dueMs).toISOString()),
  );
}

/** See `TaskHubClientBackend.dropMessages`. A host that has one of them in its hands already delivers it all the same. */
export function planDrop(
  tables: HubTables,
  name: string,
  isMeant: (message: QueuedMessage) => boolean,
): () => number {
  const queue = queueOf(tables, name);
  const first = [...(queue?.ready.getRange({ limit: MOST_DROPPED }) ?? [])];
  const meant = first.filter(({ value }) => isMeant(queuedOf(value, null)));
  return () => meant.filter(({ key }) => queue?.ready.removeSync(key)).length;
}

function queueOf(
  tables: Pick<HubTables, 'control' | 'workItems'>,
  name: string,
): QueueTables | undefined {
  if (name === QUEUE_NAMES.control) return tables.control;
  return name === QUEUE_NAMES.workItems ? tables.workItems : undefined;
}

/** See `TaskHubClientBackend.readContents`. */
export function readContents(tables: HubTables): readonly HubContents[] {
  const contents = (
    name: 'instances' | 'histories' | 'payloads' | 'poison',
    what: string,
  ): HubContents => ({
    name,
    what,
    items: tables[name].getKeysCount(),
    bytes: undefined,
    isComplete: true,
  });
  return [
    contents('instances', 'instances'),
    contents('histories', 'histories'),
    contents('payloads', 'inputs and outputs that are too long for a row'),
    contents('poison', 'messages set aside'),
  ];
}

/** One that cannot be read hides no other: whoever receives it reports it. */
function queuedOf(text: string, dueTime: string | null): QueuedMessage {
  try {
    const { message, dequeueCount } = parseRow(text);
    return queuedMessageOf(message, {
      insertedTime: null,
      dueTime,
      dequeueCount: dequeueCount - 1,
    });
  } catch (error) {
    if (!(error instanceof CorruptMessageError)) throw error;
    const { instanceId, executionId, eventType, taskEventId } = NO_FACTS;
    const facts = { instanceId, executionId, eventType, taskEventId, name: null };
    return { ...facts, insertedTime: null, dueTime, dequeueCount: 0, body: text };
  }
}
