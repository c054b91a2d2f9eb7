/** A purge may come between the history of a commit and its row: then no row is written for a history that is gone. */
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import { LargePayloads } from '../../src/azure-storage/blobs/large-payloads.ts';
import { openStorage } from '../../src/azure-storage/clients/storage-clients.ts';
import { hubNames } from '../../src/azure-storage/names.ts';
import { HistoryTable } from '../../src/azure-storage/tables/history-table.ts';
import { firstCommit, id, nextCommit, start } from '../contract/sample-messages.ts';
import { azureOptions } from './azure-options.ts';

const options = azureOptions();
const names = hubNames(options.taskHub, options.partitionCount);
const storage = openStorage(options.account, undefined);
const backend = createAzureStorageBackend(options);
const history = new HistoryTable({
  table: storage.table(names.historyTable),
  rows: storage.rows(names.historyTable),
  payloads: new LargePayloads(storage.container(names.largeMessageContainer)),
  storeInputs: false,
  now: Date.now,
  newId: () => 'new',
});

beforeEach(() => backend.createHub());
afterEach(() => backend.deleteHub());

it('what was appended is current until somebody appends more, or purges it', async () => {
  const started = start(id('order-1'));

  const first = await history.append(firstCommit(started), undefined);
  expect(await history.isCurrent(id('order-1'), first.token)).toBe(true);

  const second = await history.append(nextCommit(started, 3), first.token);
  expect(await history.isCurrent(id('order-1'), first.token)).toBe(false);

  await history.deleteRows(id('order-1'));
  expect(await history.isCurrent(id('order-1'), second.token)).toBe(false);
});
