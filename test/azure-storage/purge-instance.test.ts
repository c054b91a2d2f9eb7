import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import { openStorage } from '../../src/azure-storage/clients/storage-clients.ts';
import { LargePayloads } from '../../src/azure-storage/blobs/large-payloads.ts';
import { hubNames } from '../../src/azure-storage/names.ts';
import { purgeInstance } from '../../src/azure-storage/purge-instance.ts';
import { InstancesTable } from '../../src/azure-storage/tables/instances-table.ts';
import { id, start } from '../contract/sample-messages.ts';
import { azureOptions } from './azure-options.ts';

const options = azureOptions();
const names = hubNames(options.taskHub, options.partitionCount);
const storage = openStorage(options.account, undefined);
const backend = createAzureStorageBackend(options);
const payloads = new LargePayloads(storage.container(names.largeMessageContainer));
const instances = new InstancesTable({
  taskHub: options.taskHub,
  table: storage.table(names.instancesTable),
  rows: storage.rows(names.instancesTable),
  payloads,
  now: Date.now,
  newId: () => 'new',
});

beforeEach(() => backend.createHub());
afterEach(() => backend.deleteHub());

describe('a purge', () => {
  it('leaves the row of an instance that is started anew meanwhile', async () => {
    await backend.createInstance(start(id('order-1'), { Input: '"old"' }), undefined);
    const existing = await backend.findInstance(id('order-1'));
    const history = {
      deleteRows: async () => {
        await backend.createInstance(start(id('order-1'), { Input: '"new"' }), existing);
        return 3;
      },
    };

    const purged = await purgeInstance({ history, instances, payloads }, id('order-1'));

    expect(purged).toEqual({ recordsDeleted: 3 });
    const row = await backend.findInstance(id('order-1'), { input: true });
    expect(row?.input).toBe('"new"');
  });
});
