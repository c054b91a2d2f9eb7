/** Large payloads that are gone while their rows are still there: a purge deletes them first. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import { LargePayloads } from '../../src/azure-storage/blobs/large-payloads.ts';
import { openStorage } from '../../src/azure-storage/clients/storage-clients.ts';
import { hubNames } from '../../src/azure-storage/names.ts';
import { HistoryTable } from '../../src/azure-storage/tables/history-table.ts';
import { InstancesTable } from '../../src/azure-storage/tables/instances-table.ts';
import { TaskHubClient } from '../../src/engine/task-hub-client.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { completedPatch, firstCommit, id, start } from '../contract/sample-messages.ts';
import { azureOptions } from './azure-options.ts';

const ALL = { pageSize: 10, includeInput: true, includeOutput: true };
const options = azureOptions();
const names = hubNames(options.taskHub, options.partitionCount);
const storage = openStorage(options.account, undefined);
const container = storage.container(names.largeMessageContainer);
const backend = createAzureStorageBackend(options);

const history = new HistoryTable({
  table: storage.table(names.historyTable),
  rows: storage.rows(names.historyTable),
  payloads: new LargePayloads(container),
  storeInputs: false,
  now: Date.now,
  newId: () => 'new',
});

async function loseAll(): Promise<void> {
  for await (const { name } of container.listBlobsFlat()) await container.deleteBlob(name);
}

beforeEach(async () => {
  await backend.createHub();
  const large = start(id('large'), { Input: JSON.stringify('x'.repeat(100_000)) });
  await backend.createInstance(large, undefined);
  await backend.createInstance(start(id('small'), { Input: '1' }), undefined);
  await loseAll();
});
afterEach(() => backend.deleteHub());

describe('an instance whose payload is gone', () => {
  const client = new TaskHubClient({
    backend,
    ambient: { now: Date.now, newId: () => 'new' },
    log: silentLogger,
    taskHub: options.taskHub,
  });

  it('shows the name of the payload in its place', async () => {
    const status = await client.findStatus('large', { input: true });

    expect(status).toMatchObject({ runtimeStatus: 'Pending', name: 'HelloSequence' });
    expect(status?.input).toContain(`${names.largeMessageContainer}/large/`);
  });

  it('shows its history, with the name of the payload in its place', async () => {
    const started = start(id('past'), { Input: JSON.stringify('y'.repeat(100_000)) });
    await history.append(firstCommit(started), undefined);
    await loseAll();

    const events = await client.readHistory('past');

    expect(events.map(({ EventType }) => EventType)).toEqual([
      'OrchestratorStarted',
      'ExecutionStarted',
      'OrchestratorCompleted',
    ]);
    const url = `${names.largeMessageContainer}/past/`;
    expect(events[1]).toMatchObject({ Input: expect.stringContaining(url) as string });
    await expect(backend.loadHistory(id('past'))).rejects.toThrow(/'past\/.*not in container/);
  });

  it('is not started again with something else', async () => {
    const restart = client.restart('large', { withNewInstanceId: true });

    await expect(restart).rejects.toThrow(/'large\/.*' is not in container .* any more/);
  });

  it('can be purged', async () => {
    await backend.repairInstance({
      instanceId: id('large'),
      instance: completedPatch(start(id('large')), null),
    });

    expect(await client.purge('large')).toBe(1);
  });
});

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
      rows: storage.rows(names.instancesTable),
      payloads,
      now: Date.now,
      newId: () => 'new',
    });

    const page = await instances.list(ALL);

    expect(page.instances.map(({ instanceId }) => instanceId)).toEqual(['small']);
  });
});
