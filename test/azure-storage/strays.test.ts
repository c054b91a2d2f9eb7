/** Histories and payloads without a row in Azure Storage: what the doctor finds, what it mends, and what it leaves alone. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import { LargePayloads } from '../../src/azure-storage/blobs/large-payloads.ts';
import { openStorage } from '../../src/azure-storage/clients/storage-clients.ts';
import { escapeKey } from '../../src/azure-storage/key-escape.ts';
import { hubNames } from '../../src/azure-storage/names.ts';
import { startRecord } from '../../src/core/instance-record.ts';
import type { Finding } from '../../src/engine/examine/finding.ts';
import { TaskHubClient } from '../../src/engine/task-hub-client.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { executionCompleted, id, start } from '../contract/sample-messages.ts';
import { azureOptions } from './azure-options.ts';

const LONG = JSON.stringify('x'.repeat(40_000));
const TWO_HOURS_MS = 7_200_000;
const MESSAGE_BLOB = `sent/message-${'0'.repeat(32)}-EventRaised.json.gz`;

const options = azureOptions();
const names = hubNames(options.taskHub, options.partitionCount);
const storage = openStorage(options.account, undefined);
const backend = createAzureStorageBackend(options);
const payloads = new LargePayloads(storage.container(names.largeMessageContainer));

/** An instance that has ended, with a payload in a blob. */
async function ended(instanceId: string): Promise<void> {
  const started = start(id(instanceId));
  const { etag: _etag, ...record } = startRecord(started, '');
  await backend.restoreInstance({
    record: { ...record, runtimeStatus: 'Completed' },
    executionId: started.target.executionId,
    events: [started.event, executionCompleted(LONG)],
  });
}

async function deleteRows(tableName: string, instanceId: string): Promise<void> {
  const table = storage.table(tableName);
  const filter = `PartitionKey eq '${escapeKey(instanceId).replaceAll("'", "''")}'`;
  for await (const { partitionKey, rowKey } of table.listEntities({ queryOptions: { filter } })) {
    await table.deleteEntity(partitionKey ?? '', rowKey ?? '');
  }
}

async function strays(laterMs: number): Promise<readonly Finding[]> {
  const client = new TaskHubClient({
    backend,
    ambient: { now: () => Date.now() + laterMs, newId: () => 'new' },
    log: silentLogger,
    taskHub: options.taskHub,
  });
  const found: Finding[] = [];
  for await (const finding of client.examine({ quietMs: 60_000 })) {
    if (finding.kind.startsWith('stray')) found.push(finding);
  }
  return found;
}

async function blobNames(): Promise<readonly string[]> {
  const found: string[] = [];
  for await (const name of payloads.list('')) found.push(name.replace(/history-.*/, 'history'));
  return found;
}

beforeAll(async () => {
  await backend.createHub();
  await ended('whole');
  await ended('unseen/1');
  await deleteRows(names.instancesTable, 'unseen/1');
  await ended("gone's");
  await deleteRows(names.instancesTable, "gone's");
  await deleteRows(names.historyTable, "gone's");
  await payloads.upload(MESSAGE_BLOB, '{}');
});
afterAll(() => backend.deleteHub());

describe('what no row leads to', () => {
  it('is left alone while it is young', async () => {
    expect(await strays(0)).toEqual([]);
  });

  it('is found and mended, and nothing else is', async () => {
    const found = await strays(TWO_HOURS_MS);
    expect(found.map(({ kind, instanceId }) => [kind, instanceId])).toEqual([
      ['strayHistory', 'unseen/1'],
      ['strayPayloads', "gone's"],
    ]);
    expect(await backend.findInstance(id('unseen/1'))).toBeUndefined();

    for (const { repair } of found) await repair?.();

    expect(await backend.findInstance(id('unseen/1'), { output: true })).toMatchObject({
      runtimeStatus: 'Completed',
      output: LONG,
    });
    expect(await backend.readHistory(id('whole'))).toHaveLength(2);
    expect(await blobNames()).toEqual(
      expect.arrayContaining(['unseen^01/history', 'whole/history', MESSAGE_BLOB]),
    );
    expect(await blobNames()).not.toContain("gone's/history");
    expect(await strays(TWO_HOURS_MS)).toEqual([]);
  });
});
