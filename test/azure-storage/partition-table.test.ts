/** The Partitions table on a real Azurite: its rows, byte for byte those of .NET, and workers that share it. */
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { openStorage } from '../../src/azure-storage/clients/storage-clients.ts';
import { hubNames } from '../../src/azure-storage/names.ts';
import {
  isContested,
  PartitionTable,
  type PartitionRow,
} from '../../src/azure-storage/partitions/partition-table.ts';
import { TableOwnership } from '../../src/azure-storage/partitions/table-ownership.ts';
import { isKnownDead, newWorkerName } from '../../src/azure-storage/partitions/worker-name.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';
import { eventually } from '../support/eventually.ts';
import { REPOSITORY } from '../support/func-process.ts';
import { notingListener, type TableOfPartitions } from '../support/partition-table-model.ts';

const RECORDING = path.join(REPOSITORY, '../shared/golden-3.19/A/table-manager/Partitions.json');
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

function openTable(taskHub: string, partitionCount = 4) {
  const names = hubNames(taskHub, partitionCount);
  const storage = openStorage(azuriteConnectionString(), undefined);
  const client = storage.table(names.partitionsTable);
  const table = new PartitionTable({
    table: client,
    rows: storage.rows(names.partitionsTable),
    controlQueues: names.controlQueues,
    timeoutMs: 10_000,
  });
  return { client, names, table };
}

async function newTable() {
  const taskHub = freshHubName('Shared');
  const opened = openTable(taskHub);
  await opened.table.create();
  cleanUps.push(() => opened.client.deleteTable());
  return { taskHub, ...opened };
}

const TIME_MS = Date.parse('2026-01-31T10:00:00Z');
const owned = (row: PartitionRow): PartitionRow => ({
  ...row,
  owner: 'me',
  ownedSinceMs: TIME_MS,
  lastRenewalMs: TIME_MS,
  expiresAtMs: TIME_MS + 30_000,
});

describe('the Partitions table', () => {
  it('has a row for each partition, and keeps what is in it when it is created again', async () => {
    const { taskHub, table } = await newTable();
    const [first] = (await table.read()).rows;
    if (first === undefined) throw new Error('There is no row.');
    await table.write([{ ...owned(first), etag: first.etag }]);

    const larger = openTable(taskHub, 5);
    await larger.table.create();
    await larger.table.create();

    const { rows, storageTimeMs } = await larger.table.read();
    expect(rows.map(({ owner }) => owner)).toEqual(['me', ...[1, 2, 3, 4].map(() => undefined)]);
    expect(rows.every(({ etag }) => etag !== undefined)).toBe(true);
    expect(Math.abs((storageTimeMs ?? 0) - Date.now())).toBeLessThan(10_000);
  });

  it.skipIf(!existsSync(RECORDING))('has the columns that .NET writes', async () => {
    const { client, names, table } = await newTable();
    const [first] = (await table.read()).rows;
    if (first === undefined) throw new Error('There is no row.');
    await table.write([{ ...owned(first), etag: first.etag }]);

    const row = await client.getEntity('', names.controlQueues[0] ?? '', {
      disableTypeConversion: true,
    });
    const [recorded] = JSON.parse(readFileSync(RECORDING, 'utf8')) as [Record<string, unknown>];
    const columns = Object.keys(recorded).filter((name) => /^[A-Z][A-Za-z]+$/.test(name));
    const written = new Set([...columns, 'CurrentOwner']);
    for (const name of ['PartitionKey', 'RowKey', 'Timestamp']) written.delete(name);
    expect(
      Object.keys(row)
        .filter((name) => /^[A-Z]/.test(name))
        .sort(),
    ).toEqual([...written].sort());
    expect(row).toMatchObject({
      ExpiresAt: { type: 'DateTime', value: '2026-01-31T10:00:30.0000000Z' },
      IsDraining: { type: 'Boolean', value: 'false' },
    });
  });

  it('is written as a whole or not at all', async () => {
    const { table } = await newTable();
    const before = (await table.read()).rows;
    await table.write(before.slice(1, 2).map((row) => ({ ...owned(row), etag: row.etag })));

    const contested = table.write(before.map((row) => ({ ...row, owner: 'you' })));

    await expect(contested).rejects.toSatisfy(isContested);
    const owners = (await table.read()).rows.map(({ owner }) => owner);
    expect(owners).toEqual([undefined, 'me', undefined, undefined]);
  });
});

/** A worker that can be killed: then it reads and writes nothing any more. */
async function startWorker(table: PartitionTable, workerName = newWorkerName()) {
  let isKilled = false;
  const never = new Promise<never>(() => undefined);
  const killable: TableOfPartitions = {
    read: () => (isKilled ? never : table.read()),
    write: (rows) => (isKilled ? never : table.write(rows)),
  };
  const ownership = new TableOwnership({
    taskHub: 'Hub',
    table: killable,
    leaseIntervalMs: 6_000,
    acquireIntervalMs: 300,
    isIdle: () => false,
    log: silentLogger,
    workerName,
  });
  await ownership.start(notingListener());
  const stop = async (): Promise<void> => {
    await ownership.stop(AbortSignal.abort());
    await ownership.release();
  };
  cleanUps.push(async () => {
    if (!isKilled) await stop();
  });
  return {
    stop,
    kill: () => (isKilled = true),
    get share() {
      return [0, 1, 2, 3].filter((partition) => ownership.owns(partition)).length;
    },
  };
}

describe('workers on a real table', () => {
  it('share it as they come, go and die', async () => {
    const { table } = await newTable();
    const first = await startWorker(table);
    expect(first.share).toBe(4);
    const second = await startWorker(table);
    await eventually(() => first.share === 2 && second.share === 2);
    const third = await startWorker(table);
    const shares = () => [first.share, second.share, third.share].sort();
    await eventually(() => shares().join() === '1,1,2');

    await third.stop();
    await eventually(() => first.share === 2 && second.share === 2);
    second.kill();

    await eventually(() => first.share === 4, { timeoutMs: 20_000 });
  });

  it('start together without a quarrel', async () => {
    const { table } = await newTable();
    const workers = await Promise.all([1, 2, 3, 4].map(() => startWorker(table)));
    await eventually(() => workers.every(({ share }) => share === 1));
  });

  it('have at once what a process of this machine had that was killed', async () => {
    const { table } = await newTable();
    const child = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)']);
    const itsName = newWorkerName().replace(`:${process.pid}:`, `:${String(child.pid)}:`);
    const killed = await startWorker(table, itsName);
    killed.kill();
    expect(isKnownDead(itsName)).toBe(false);
    child.kill('SIGKILL');
    await new Promise((resolve) => child.once('exit', resolve));

    const next = await startWorker(table);

    expect(next.share).toBe(4);
  });
});

describe('the name of a worker', () => {
  it('is another one each time, and tells nothing of workers elsewhere', () => {
    const name = newWorkerName();
    expect(newWorkerName()).not.toBe(name);
    expect(isKnownDead(name)).toBe(false);
    expect(isKnownDead('vm')).toBe(false);
    expect(isKnownDead('elsewhere:999999:00000000:abcdef')).toBe(false);
  });
});
