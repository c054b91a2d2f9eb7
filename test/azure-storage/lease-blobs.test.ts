/** Lease blobs on a real Azurite: their texts, byte for byte those of .NET, and workers that share them. */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import { openStorage } from '../../src/azure-storage/clients/storage-clients.ts';
import { hubNames } from '../../src/azure-storage/names.ts';
import type { LeaseStore } from '../../src/azure-storage/partitions/held-leases.ts';
import { LeaseBlobs, type LeaseFolder } from '../../src/azure-storage/partitions/lease-blobs.ts';
import { LeaseOwnership } from '../../src/azure-storage/partitions/lease-ownership.ts';
import { LegacyLeases } from '../../src/azure-storage/partitions/legacy-leases.ts';
import { SafeLeases } from '../../src/azure-storage/partitions/safe-leases.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';
import { eventually } from '../support/eventually.ts';
import { REPOSITORY } from '../support/func-process.ts';
import { notingListener } from '../support/partition-table-model.ts';
import { LONG } from '../support/patience.ts';
import { azureOptions } from './azure-options.ts';

const LEASE_MS = 15_000;
const cleanUps: (() => Promise<unknown>)[] = [];
afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const FOLDERS: Readonly<Record<'safe' | 'legacy', readonly LeaseFolder[]>> = {
  safe: ['intent', 'ownership'],
  legacy: ['default'],
};
type Way = keyof typeof FOLDERS;

async function newStore(way: Way, partitionCount = 4) {
  const taskHub = freshHubName('Leased');
  const names = hubNames(taskHub, partitionCount);
  const requests: string[] = [];
  const storage = openStorage(azuriteConnectionString(), (request) =>
    requests.push(JSON.stringify(request)),
  );
  const container = storage.container(names.leaseContainer);
  const open = () =>
    new LeaseBlobs({
      container,
      folders: FOLDERS[way],
      controlQueues: names.controlQueues,
      leaseMs: LEASE_MS,
      timeoutMs: 10_000,
    });
  const store = open();
  await store.create();
  cleanUps.push(() => container.delete());
  const textOf = async (name: string): Promise<string> =>
    (await container.getBlobClient(name).downloadToBuffer()).toString('utf8');
  return { names, container, requests, store, open, textOf };
}

describe('lease blobs', () => {
  const doorbell = { url: 'http://127.0.0.1:17071/doorbell', key: 'secret' };

  it('are created once, and keep what is in them', async () => {
    const { names, store, open, textOf } = await newStore('safe');
    const [first] = (await store.read()).intent;
    if (first === undefined) throw new Error('There is no lease.');
    await store.take(first, 'me', {});

    await open().create();

    const leases = await open().read();
    expect(leases.intent.map(({ owner }) => owner)).toEqual(['me', ...Array<undefined>(3)]);
    expect(leases.ownership.map(({ isLeased }) => isLeased)).toEqual(Array(4).fill(false));
    expect(await textOf(`ownership/${names.controlQueues[1]}`)).toBe(
      `{"PartitionId":"${names.controlQueues[1]}","Owner":null,"Token":null,"Epoch":0}`,
    );
  });

  it('tell who took them, by which lease, where to ring, and of which app', async () => {
    const { names, container, store, open, textOf } = await newStore('legacy', 1);
    const [free] = (await store.read()).default;
    if (free === undefined) throw new Error('There is no lease.');

    const own = await store.take(free, 'me', { doorbell, app: 'a1b2' });

    const name = `default/${names.controlQueues[0]}`;
    expect(await textOf(name)).toBe(
      `{"PartitionId":"${names.controlQueues[0]}","Owner":"me","Token":"${own?.token}","Epoch":1}`,
    );
    expect((await open().read()).default).toMatchObject([
      { owner: 'me', token: own?.token, epoch: 1, isLeased: true, doorbell, app: 'a1b2' },
    ]);
    expect(await container.getBlobClient(name).getProperties()).toMatchObject({
      leaseState: 'leased',
    });
  });

  it('are refused to whoever comes second, renewed by their owner alone, and given back', async () => {
    const { store, open } = await newStore('legacy', 1);
    const [free] = (await store.read()).default;
    if (free === undefined) throw new Error('There is no lease.');
    const first = await store.take(free, 'first', { doorbell });
    if (first === undefined) throw new Error('It was refused.');
    expect(await store.take(free, 'second', {})).toBeUndefined();
    const [taken] = (await open().read()).default;
    if (taken === undefined) throw new Error('There is no lease.');

    const second = await store.take(taken, 'second', {});
    expect(second).toMatchObject({ epoch: 2 });
    expect(await store.renew(first)).toBe(false);
    await store.giveBack(first);
    expect((await open().read()).default).toMatchObject([{ owner: 'second', isLeased: true }]);

    if (second === undefined) throw new Error('It was refused.');
    expect(await store.renew(second)).toBe(true);
    await store.giveBack(second);
    expect((await open().read()).default).toMatchObject([
      { owner: undefined, token: undefined, epoch: 2, isLeased: false, doorbell: undefined },
    ]);
    expect(await store.renew(second)).toBe(false);
  });

  it('are read with one request as long as nobody writes into them, however often they are renewed', async () => {
    const { requests, store } = await newStore('safe');
    const before = await store.read();
    const [free] = before.intent;
    const own = free && (await store.take(free, 'me', {}));
    if (own === undefined) throw new Error('It was refused.');
    const count = async (): Promise<number> => {
      const start = requests.length;
      await store.read();
      return requests.length - start;
    };

    expect(await count()).toBe(2);
    await store.renew(own);
    expect(await count()).toBe(1);
    await store.giveBack(own);
    expect(await count()).toBe(2);
    expect(await count()).toBe(1);
  });

  it('whose text is no JSON are nobody’s, and written anew', async () => {
    const { names, container, store } = await newStore('legacy', 1);
    const blob = container.getBlockBlobClient(`default/${names.controlQueues[0]}`);
    await blob.upload('?', 1);
    const [odd] = (await store.read()).default;
    expect(odd).toMatchObject({ owner: undefined, token: undefined, epoch: 0 });
    expect(odd && (await store.take(odd, 'me', {}))).toMatchObject({ epoch: 1 });
  });
});

/** A worker that can be killed: then it asks storage for nothing any more. */
async function startWorker(way: Way, blobs: LeaseBlobs) {
  let isKilled = false;
  const unlessKilled = <Answer>(call: () => Promise<Answer>): Promise<Answer> =>
    isKilled ? new Promise<never>(() => undefined) : call();
  const store: LeaseStore = {
    leaseMs: blobs.leaseMs,
    read: () => unlessKilled(() => blobs.read()),
    take: (...lease) => unlessKilled(() => blobs.take(...lease)),
    renew: (lease) => unlessKilled(() => blobs.renew(lease)),
    giveBack: (lease) => unlessKilled(() => blobs.giveBack(lease)),
  };
  const ownership = new LeaseOwnership({
    taskHub: 'Hub',
    store,
    way: (parts) => (way === 'legacy' ? new LegacyLeases(parts) : new SafeLeases(parts)),
    acquireIntervalMs: 500,
    log: silentLogger,
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

describe.each(['safe', 'legacy'] as const)('workers on real leases, the %s way,', (way) => {
  const PATIENCE = { timeoutMs: 60_000, intervalMs: 100 };

  it('share them as they come, go and die', LONG, async () => {
    const { open } = await newStore(way);
    const first = await startWorker(way, open());
    expect(first.share).toBe(4);
    const second = await startWorker(way, open());
    await eventually(() => first.share === 2 && second.share === 2, PATIENCE);

    await second.stop();
    await eventually(() => first.share === 4, PATIENCE);
    const third = await startWorker(way, open());
    await eventually(() => first.share === 2 && third.share === 2, PATIENCE);
    first.kill();

    await eventually(() => third.share === 4, PATIENCE);
  });

  it('start together without a quarrel', LONG, async () => {
    const { open } = await newStore(way);
    const workers = await Promise.all([1, 2, 3, 4].map(() => startWorker(way, open())));
    await eventually(() => workers.every(({ share }) => share === 1), PATIENCE);
  });
});

describe.each(['leases', 'legacyLeases'] as const)('a hub that is shared by %s', (way) => {
  const recorded = way === 'leases' ? 'safe-manager' : 'legacy-manager';
  const recording = path.join(REPOSITORY, `../shared/golden-3.19/A/${recorded}/blobs.json`);
  if (!existsSync(recording)) process.stderr.write(`SKIPPED: blobs of .NET: no ${recording}\n`);

  it.skipIf(!existsSync(recording))('has the blobs that .NET leaves in it', async () => {
    const options = azureOptions({ partitions: { way } });
    const backend = createAzureStorageBackend(options);
    await backend.createHub();
    await backend.start();
    await backend.stop();

    const { leaseContainer } = hubNames(options.taskHub, 4);
    const container = openStorage(azuriteConnectionString(), undefined).container(leaseContainer);
    const found: Record<string, string> = {};
    for await (const { name } of container.listBlobsFlat()) {
      found[name] = (await container.getBlobClient(name).downloadToBuffer()).toString('utf8');
    }
    await backend.deleteHub();
    const blobs = JSON.parse(readFileSync(recording, 'utf8')) as Record<
      string,
      { readonly name: string; readonly text: string }[]
    >;
    const [theirHub, theirs = []] =
      Object.entries(blobs).find(([name]) => name.endsWith('-leases')) ?? [];
    const asOurs = (text: string): string =>
      text.replaceAll(theirHub?.replace('-leases', '') ?? '', options.taskHub.toLowerCase());
    const expected = theirs.filter(({ name }) => name !== 'taskhub.json');
    const { 'taskhub.json': info = '', ...leases } = found;
    expect(leases).toEqual(
      Object.fromEntries(expected.map(({ name, text }) => [asOurs(name), asOurs(text)])),
    );
    expect(JSON.parse(info)).toMatchObject({ TaskHubName: options.taskHub, PartitionCount: 4 });
  });

  it('tells its partition count and who works on it, has no table for it, and is deleted', async () => {
    const backend = createAzureStorageBackend(
      azureOptions({ partitionCount: 3, partitions: { way } }),
    );
    await backend.createHub();
    await backend.start();

    const users = await backend.listHubUsers();
    const folders = way === 'leases' ? ['intent', 'ownership'] : ['default'];
    expect(users).toHaveLength(3 * folders.length);
    expect(
      new Set(users.map((user) => user.kind === 'worker' && user.partition.split('/')[0])),
    ).toEqual(new Set(folders));
    expect(await backend.readPartitionCount()).toBe(3);
    await backend.stop();
    expect(await backend.listHubUsers()).toEqual([]);
    await backend.start();
    await backend.deleteHub({ force: true });
    expect(await backend.readPartitionCount()).toBeUndefined();
    await backend.stop();
  });
});
