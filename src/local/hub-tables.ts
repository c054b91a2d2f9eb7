/** What is in the database of a hub: one table per kind of thing, each key and value written down here. */
import type { Database, Key, RootDatabase } from 'lmdb';

/** A table whose values are texts. Its keys are ordered: numbers before texts, texts by their bytes, arrays member by member. */
export type Table<Keys extends Key> = Database<string, Keys>;

/** Messages that nobody has handled yet. */
export interface QueueTables {
  /** sequence → message: what can be delivered, in the order of its arrival. */
  readonly ready: Table<number>;
  /** [due time in ms, sequence] → message: what waits for its time. */
  readonly due: Table<[number, number]>;
  /** Of the counter in `meta` that numbers the messages of the queue. */
  readonly counter: 'controlSequence' | 'workItemSequence';
}

export interface HubTables {
  readonly root: RootDatabase<string>;
  /**
   * `format` → number of the format, there as long as the hub is; `owner` → who works on the hub (`hub-owner.ts`); the counters
   * of the queues → the last sequence that was given.
   */
  readonly meta: Table<string>;
  /** instance id → its row as JSON, without long payloads. */
  readonly instances: Table<string>;
  /** [instance id, `input` or `output`] → a payload that is too long for the row. */
  readonly payloads: Table<[string, string]>;
  /** [created, instance id] → nothing. */
  readonly byCreated: Table<[number, string]>;
  /** [status, created, instance id] → nothing. */
  readonly byStatus: Table<[string, number, string]>;
  /** instance id → execution, number of events and version of the history, as JSON. */
  readonly histories: Table<string>;
  /** [instance id, index of the first event] → the events of one commit, as JSON. */
  readonly events: Table<[string, number]>;
  /** queue and number of a message that was set aside → the message, as JSON. */
  readonly poison: Table<string>;
  /** instance id → execution id, as JSON, of an instance that is being purged with all that is below it. */
  readonly purges: Table<string>;
  readonly control: QueueTables;
  readonly workItems: QueueTables;
}

export const MAX_TABLES = 16;

export function openTables(root: RootDatabase<string>): HubTables {
  const table = <Keys extends Key>(name: string): Table<Keys> =>
    root.openDB<string, Keys>({ name, encoding: 'string' });
  return {
    root,
    meta: table('meta'),
    instances: table('instances'),
    payloads: table('payloads'),
    byCreated: table('byCreated'),
    byStatus: table('byStatus'),
    histories: table('histories'),
    events: table('events'),
    poison: table('poison'),
    purges: table('purges'),
    control: {
      ready: table('control'),
      due: table('controlDue'),
      counter: 'controlSequence',
    },
    workItems: {
      ready: table('workItems'),
      due: table('workItemsDue'),
      counter: 'workItemSequence',
    },
  };
}

/** Every table, for a hub that is deleted. */
export function allTables(tables: HubTables): readonly Pick<Table<Key>, 'clearSync'>[] {
  const { control, workItems } = tables;
  return [
    tables.instances,
    tables.payloads,
    tables.byCreated,
    tables.byStatus,
    tables.histories,
    tables.events,
    tables.poison,
    tables.purges,
    control.ready,
    control.due,
    workItems.ready,
    workItems.due,
    tables.meta,
  ];
}
