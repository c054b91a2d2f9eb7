/** A hub in a folder as a whole: see HubArchive. Everything that waits is shown, whenever it is due. */
import { setImmediate as turn } from 'node:timers/promises';
import type { HubArchive } from '../engine/hub-archive.ts';
import { eventTexts, findHead, removeHistory, writeHistory } from './histories.ts';
import type { HubDatabase } from './hub-database.ts';
import type { HubTables, QueueTables } from './hub-tables.ts';
import { findRow, putRow, removeRow } from './instance-rows.ts';
import { parseRow } from './queue-rows.ts';
import { nextVersion } from './versions.ts';

const MARK = 'import';
/** So many messages are read at a time: what is written meanwhile need not wait for all of them. */
const PAGE = 500;

export function createHubArchive(database: HubDatabase): HubArchive {
  return {
    async readMessages(take) {
      for (const queueOf of [controlOf, workItemsOf]) {
        for await (const text of textsOf(database, queueOf)) await take(parseRow(text).message);
      }
      return 0;
    },
    clearMessages: () =>
      database.write(({ control, workItems }) => () => {
        for (const queue of [control, workItems]) {
          queue.ready.clearSync();
          queue.due.clearSync();
        }
      }),
    restoreInstance: ({ record, executionId, events }) =>
      database.write((tables) => {
        const { instanceId } = record;
        const row = findRow(tables, instanceId);
        const head = findHead(tables, instanceId);
        return () => {
          if (head !== undefined) removeHistory(tables, instanceId);
          if (row !== undefined) removeRow(tables, row);
          if (executionId !== null) {
            writeHistory(tables, {
              head: undefined,
              commit: { instanceId, executionId, firstEventIndex: 0, newEvents: events },
              texts: eventTexts(events),
              version: nextVersion(),
            });
          }
          putRow(tables, undefined, { ...record, etag: nextVersion() });
        };
      }),
    findImportMark: () => Promise.resolve(database.read(({ meta }) => meta.get(MARK))),
    markImport: (mark) =>
      database.write(({ meta }) => () => {
        if (mark === undefined) meta.removeSync(MARK);
        else meta.putSync(MARK, mark);
      }),
  };
}

type QueueOf = (tables: HubTables) => QueueTables;
const controlOf: QueueOf = ({ control }) => control;
const workItemsOf: QueueOf = ({ workItems }) => workItems;

async function* textsOf(database: HubDatabase, queueOf: QueueOf): AsyncGenerator<string> {
  let after = 0;
  for (;;) {
    const page = database.read((tables) => [
      ...queueOf(tables).ready.getRange({ start: after + 1, limit: PAGE }),
    ]);
    for (const { value } of page) yield value;
    after = page.at(-1)?.key ?? after;
    if (page.length < PAGE) break;
    await turn();
  }
  let from: [number, number] = [0, 0];
  for (;;) {
    const page = database.read((tables) => [
      ...queueOf(tables).due.getRange({ start: from, limit: PAGE }),
    ]);
    for (const { value } of page) yield value;
    const [dueMs, sequence] = page.at(-1)?.key ?? from;
    from = [dueMs, sequence + 1];
    if (page.length < PAGE) return;
    await turn();
  }
}
