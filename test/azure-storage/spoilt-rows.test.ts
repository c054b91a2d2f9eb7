/** Status rows into which somebody wrote what no engine writes. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import { openStorage } from '../../src/azure-storage/clients/storage-clients.ts';
import { hubNames } from '../../src/azure-storage/names.ts';
import { TaskHubClient } from '../../src/engine/task-hub-client.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { commitItem, nextItem } from '../contract/contract-hub.ts';
import { firstCommit, id, start } from '../contract/sample-messages.ts';
import { azureOptions } from './azure-options.ts';

const options = azureOptions();
const names = hubNames(options.taskHub, options.partitionCount);
const table = openStorage(options.account, undefined).table(names.instancesTable);
const backend = createAzureStorageBackend(options);
const client = new TaskHubClient({
  backend,
  ambient: { now: Date.now, newId: () => 'new' },
  log: silentLogger,
  taskHub: options.taskHub,
});

async function spoil(instanceId: string): Promise<void> {
  await table.updateEntity({ partitionKey: instanceId, rowKey: '', RuntimeStatus: 'Sleeping' });
}

beforeEach(async () => {
  await backend.createHub();
  await backend.start();
  await backend.createInstance(start(id('spoilt')), undefined);
  await backend.createInstance(start(id('right')), undefined);
});
afterEach(async () => {
  await backend.stop();
  await backend.deleteHub();
});

describe('an instance whose row has a status that no engine writes', () => {
  it('is listed as Unknown, and all the others are', async () => {
    await spoil('spoilt');

    const { instances } = await client.list({
      pageSize: 10,
      includeInput: true,
      includeOutput: true,
    });

    const seen = instances.map(({ instanceId, runtimeStatus }) => [instanceId, runtimeStatus]);
    expect(seen).toEqual([
      ['right', 'Pending'],
      ['spoilt', 'Unknown'],
    ]);
  });

  it('has the status of its history when it is asked for by its id, and keeps it', async () => {
    const item = await nextItem(backend);
    const { instanceId } = item;
    const before = await client.findStatus(instanceId, { input: true });
    await commitItem(backend, item, firstCommit(start(instanceId)));
    await spoil(instanceId);

    const found = await client.findStatus(instanceId, { input: true });

    const { name, input, createdTime } = before ?? {};
    expect(found).toMatchObject({ runtimeStatus: 'Running', name, input, createdTime });
    expect(await backend.findInstance(instanceId)).toMatchObject({ runtimeStatus: 'Running' });
    await expect(client.purge(instanceId)).rejects.toThrow(/Running/);
  });

  it('can be purged when it has no history', async () => {
    await spoil('spoilt');

    expect(await client.findStatus('spoilt', { input: false })).toMatchObject({
      runtimeStatus: 'Unknown',
    });
    expect(await client.purge('spoilt')).toBe(1);
    expect(await client.findStatus('spoilt', { input: false })).toBeUndefined();
  });
});
