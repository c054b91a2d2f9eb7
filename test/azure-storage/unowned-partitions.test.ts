/** Partitions without a live owner, as the doctor finds them in Azure Storage. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import { openStorage } from '../../src/azure-storage/clients/storage-clients.ts';
import { hubNames } from '../../src/azure-storage/names.ts';
import { TaskHubClient } from '../../src/engine/task-hub-client.ts';
import { unownedPartitions } from '../../src/engine/examine/unowned-partitions.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { overriding } from '../support/overriding.ts';
import { azureOptions } from './azure-options.ts';

const options = azureOptions({ partitionCount: 2 });
const names = hubNames(options.taskHub, options.partitionCount);
const backend = createAzureStorageBackend(options);
const [first = '', second = ''] = names.controlQueues;

async function own(queue: string, owner: string, forMs: number): Promise<void> {
  const ExpiresAt = new Date(Date.now() + forMs);
  const row = { partitionKey: '', rowKey: queue, CurrentOwner: owner, ExpiresAt };
  await openStorage(options.account, undefined).table(names.partitionsTable).upsertEntity(row);
}

async function examined(): Promise<readonly (string | null)[][]> {
  const client = new TaskHubClient({
    backend,
    ambient: { now: Date.now, newId: () => 'new' },
    log: silentLogger,
    taskHub: options.taskHub,
  });
  const found = [];
  for await (const { kind, problem } of client.examine({ quietMs: 600_000, relookMs: 0 })) {
    found.push([kind, problem]);
  }
  return found;
}

beforeAll(() => backend.createHub());
afterAll(() => backend.deleteHub());

describe('a partition', () => {
  it('is found when the lease of its owner has ended, while another worker lives', async () => {
    await own(first, 'alive', 60_000);
    await own(second, 'dead', -1_000);

    const [finding, ...others] = await examined();

    expect(others).toEqual([]);
    expect(finding).toEqual([
      'unownedPartition',
      expect.stringContaining(`the partition '${second}', and 0 messages wait`),
    ]);
  });

  it('is not found when all have live owners, nor one by one when nobody works', async () => {
    await own(first, 'alive', 60_000);
    await own(second, 'alive', 60_000);
    expect(await examined()).toEqual([]);

    await own(first, 'dead', -1_000);
    await own(second, 'dead', -1_000);
    expect((await examined()).map(([kind]) => kind)).toEqual(['nobodyWorks']);
  });

  it('is not found when it only changes hands', async () => {
    await own(first, 'alive', 60_000);
    await own(second, 'dead', -1_000);
    const { controlQueues } = await backend.readBacklog();
    const changing = overriding(backend, {
      async listHubUsers() {
        const users = await backend.listHubUsers();
        await own(second, 'next', 60_000);
        return users;
      },
    });

    expect(await unownedPartitions(changing, controlQueues, 0)).toEqual([]);
  });
});
