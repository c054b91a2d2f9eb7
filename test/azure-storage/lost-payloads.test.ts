/** Large payloads that are gone while their rows are still there: a purge deletes them first. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import { LargePayloads } from '../../src/azure-storage/blobs/large-payloads.ts';
import { openStorage } from '../../src/azure-storage/clients/storage-clients.ts';
import { hubNames } from '../../src/azure-storage/names.ts';
import { InstancesTable } from '../../src/azure-storage/tables/instances-table.ts';
import { id, start } from '../contract/sample-messages.ts';
import { azureOptions } from './azure-options.ts';

const ALL = { pageSize: 10, includeInput: true, includeOutput: true };
const options = azureOptions();
const names = hubNames(options.taskHub, options.partitionCount);
const storage = openStorage(options.account, undefined);
const container = storage.container(names.largeMessageContainer);
const backend = createAzureStorageBackend(options);

beforeEach(async () => {
  await backend.createHub();
  const large = start(id('large'), { Input: JSON.stringify('x'.repeat(100_000)) });
  await backend.createInstance(large, undefined);
  await backend.createInstance(start(id('small'), { Input: '1' }), undefined);
  for await (const { name } of container.listBlobsFlat()) await container.deleteBlob(name);
});
afterEach(() => backend.deleteHub());

describe('a list of instances', () => {
  it('shows one whose payload is gone with the name of the payload, and all the others', async () => {
    const { instances } = await backend.listInstances(ALL);

    expect(instances.map(({ instanceId }) => instanceId)).toEqual(['large', 'small']);
    expect(instances[0]?.input).toContain(`${names.largeMessageContainer}/large/`);
    expect(instances[1]?.input).toBe('1');
  });

  it('leaves out one that is purged meanwhile', async () => {
    const payloads = new LargePayloads(container);
    payloads.download = async (name) => {
      await backend.purgeInstance(id('large'));
      return LargePayloads.prototype.download.call(payloads, name);
    };
    const instances = new InstancesTable({
      taskHub: options.taskHub,
      table: storage.table(names.instancesTable),
      payloads,
      now: Date.now,
      newId: () => 'new',
    });

    const page = await instances.list(ALL);

    expect(page.instances.map(({ instanceId }) => instanceId)).toEqual(['small']);
  });
});
