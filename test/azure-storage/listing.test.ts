/** Lists of many instances: a page is one query, and nothing is kept from page to page. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import { openStorage } from '../../src/azure-storage/clients/storage-clients.ts';
import { hubNames } from '../../src/azure-storage/names.ts';
import type { TaskHubBackend } from '../../src/engine/backend.ts';
import { azuriteConnectionString } from '../support/azurite.ts';
import { azureOptions } from './azure-options.ts';

/** `DURABLE_TEST_LISTED_ROWS=100000` lists more, which takes a minute. */
const ROWS = Number(process.env['DURABLE_TEST_LISTED_ROWS'] ?? 10_000);
const ROWS_PER_BATCH = 100;
const PARALLEL_BATCHES = 8;
const requests: string[] = [];
const options = azureOptions({
  onRequest: (kind, operation) => {
    requests.push(`${kind} ${operation}`);
  },
});
let backend: TaskHubBackend;

beforeAll(async () => {
  backend = createAzureStorageBackend(options);
  await backend.createHub();
  await insertRows();
}, 600_000);

afterAll(() => backend.deleteHub());

/** A batch has one partition key: each instance of the tests has many rows, which a list tells apart no more than we need. */
async function insertRows(): Promise<void> {
  const { instancesTable } = hubNames(options.taskHub, 4);
  const table = openStorage(azuriteConnectionString(), undefined).table(instancesTable);
  const time = new Date('2026-01-01T00:00:00Z');
  const batches = Array.from({ length: ROWS / ROWS_PER_BATCH }, (_, index) => index).values();
  const lane = async (): Promise<void> => {
    for (const batch of batches) {
      await table.submitTransaction(
        Array.from({ length: ROWS_PER_BATCH }, (_, row) => [
          'create',
          {
            partitionKey: `inst-${String(batch).padStart(5, '0')}`,
            rowKey: String(row).padStart(3, '0'),
            Name: 'Hello',
            RuntimeStatus: 'Completed',
            Input: `"${'x'.repeat(500)}"`,
            Output: `"${'y'.repeat(500)}"`,
            CreatedTime: time,
            LastUpdatedTime: time,
            TaskHubName: options.taskHub,
            ExecutionId: 'e',
          },
        ]),
      );
    }
  };
  await Promise.all(Array.from({ length: PARALLEL_BATCHES }, lane));
}

async function listAll(pageSize: number, afterPage: () => void): Promise<number> {
  let count = 0;
  let continuationToken: string | undefined;
  do {
    const page = await backend.listInstances({
      pageSize,
      includeInput: true,
      includeOutput: true,
      ...(continuationToken !== undefined && { continuationToken }),
    });
    count += page.instances.length;
    ({ continuationToken } = page);
    afterPage();
  } while (continuationToken !== undefined);
  return count;
}

describe(`a list of ${ROWS} instances`, () => {
  it('costs one query per page', { timeout: 600_000 }, async () => {
    requests.length = 0;
    let pages = 0;
    const count = await listAll(500, () => pages++);

    expect(count).toBe(ROWS);
    expect(pages).toBeLessThanOrEqual(ROWS / 500 + 1);
    expect(requests).toEqual(Array.from({ length: pages }, () => 'table query'));
  });

  it('keeps nothing from page to page', { timeout: 600_000 }, async () => {
    setFlagsFromString('--expose-gc');
    const collectGarbage = runInNewContext('gc') as () => void;
    const heap: number[] = [];
    await listAll(500, () => {
      collectGarbage();
      heap.push(process.memoryUsage().heapUsed);
    });

    const [second = 0, last = 0] = [heap[1], heap.at(-1)];
    // A row has more than 1000 characters.
    expect(last - second).toBeLessThan((ROWS * 1000) / 4);
  });
});
