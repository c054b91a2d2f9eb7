/** Apps that take turns on a hub, on real container leases. */
import { afterEach, describe, expect, it } from 'vitest';
import { appLeaseId } from '../../src/azure-storage/app-lease/app-lease-info.ts';
import { AppLease } from '../../src/azure-storage/app-lease/app-lease.ts';
import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import { openStorage } from '../../src/azure-storage/clients/storage-clients.ts';
import { hubNames } from '../../src/azure-storage/names.ts';
import type { TaskHubBackend } from '../../src/engine/backend.ts';
import { TaskHubClient } from '../../src/engine/task-hub-client.ts';
import type { LogRecord } from '../../src/telemetry/log.ts';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';
import { eventually, within } from '../support/eventually.ts';
import { azureOptions } from './azure-options.ts';
import { patient } from '../support/patience.ts';

const cleanUps: (() => Promise<void>)[] = [];
let nextId = 0;

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

interface App {
  readonly backend: TaskHubBackend;
  readonly client: TaskHubClient;
  readonly records: LogRecord[];
  readonly requests: string[];
}

function openApp(taskHub: string, appName: string, intervals: { renewMs?: number } = {}): App {
  const records: LogRecord[] = [];
  const requests: string[] = [];
  const log = {
    write: (record: LogRecord) => {
      records.push(record);
    },
  };
  const backend = createAzureStorageBackend(
    azureOptions({
      taskHub,
      log,
      partitionCount: 1,
      maxQueuePollingIntervalMs: 100,
      partitions: { leaseIntervalMs: 6_000, acquireIntervalMs: 200 },
      appLease: {
        appName,
        renewIntervalMs: intervals.renewMs ?? 100,
        acquireIntervalMs: 150,
        leaseIntervalMs: 15_000,
      },
      onRequest: (kind, operation) => {
        requests.push(`${kind} ${operation}`);
      },
    }),
  );
  cleanUps.push(() => backend.stop());
  const ambient = { now: () => Date.now(), newId: () => String(nextId++).padStart(32, 'b') };
  const client = new TaskHubClient({ backend, ambient, log, taskHub });
  return { backend, client, records, requests };
}

/** Whether a message that a third process sends reaches this app. */
async function works({ backend }: App, client: TaskHubClient, forMs = 5_000): Promise<boolean> {
  await client.start({ name: 'Hello', input: null });
  const item = await backend.nextOrchestration(AbortSignal.timeout(forMs));
  if (item) await backend.settleOrchestration(item, { consumed: item.messages, deferred: [] });
  return item !== undefined;
}

function storageOf(taskHub: string) {
  const names = hubNames(taskHub, 1);
  const storage = openStorage(azuriteConnectionString(), undefined);
  const container = storage.container(names.appLeaseContainer);
  const info = async (): Promise<unknown> =>
    JSON.parse(String(await container.getBlobClient(names.appLeaseInfoBlob).downloadToBuffer()));
  const state = async (): Promise<string | undefined> =>
    (await container.getProperties()).leaseState;
  return { names, storage, container, info, state };
}

async function newHub(): Promise<{ taskHub: string; outside: TaskHubClient }> {
  const taskHub = freshHubName('Lease');
  const { backend, client } = openApp(taskHub, 'outside');
  await backend.createHub();
  cleanUps.push(() => backend.deleteHub({ force: true }));
  return { taskHub, outside: client };
}

describe('the id of an app lease', () => {
  it.each([
    ['', '811c9dc5-0000-0000-0000-000000000000'],
    ['myfunctionapp', '87ffd7a6-0000-0000-0000-000000000000'],
  ])('of app %j is that of .NET', (appName, id) => {
    expect(appLeaseId(appName)).toBe(id);
  });
});

describe('an app lease', () => {
  it('is held while the app works, told in the blob, and released at the stop', async () => {
    const { taskHub, outside } = await newHub();
    const app = openApp(taskHub, 'one');
    const { info, state } = storageOf(taskHub);

    await app.backend.start();
    expect(await works(app, outside)).toBe(true);
    expect(await state()).toBe('leased');
    expect(await info()).toMatchObject({ OwnerId: appLeaseId('one'), DesiredSwapId: null });

    await app.backend.stop();
    expect(await state()).toBe('available');
  });

  it('is shared by the processes of an app, and survives the stop of one of them', async () => {
    const { taskHub, outside } = await newHub();
    const [first, second] = [openApp(taskHub, 'one'), openApp(taskHub, 'one')];
    await first.backend.start();
    await second.backend.start();

    await first.backend.stop();

    expect(await works(second, outside)).toBe(true);
    await eventually(async () => (await storageOf(taskHub).state()) === 'leased');
    expect(second.records.filter(({ level }) => level === 'warning')).toEqual([]);
  });

  it('keeps another app waiting, which says so, until the first one stops', async () => {
    const { taskHub, outside } = await newHub();
    const [first, second] = [openApp(taskHub, 'one'), openApp(taskHub, 'two')];
    await first.backend.start();
    await within(second.backend.start(), 'the start of the app that waits');

    expect(second.records).toMatchObject([{ level: 'warning' }]);
    expect(second.records[0]?.message).toContain(`Task hub '${taskHub}' belongs to another app`);
    await first.backend.stop();
    expect(await works(second, outside)).toBe(true);
  });

  it('does not keep an app that waits from stopping', async () => {
    const { taskHub } = await newHub();
    const [first, second] = [openApp(taskHub, 'one'), openApp(taskHub, 'two')];
    await first.backend.start();
    await second.backend.start();

    await within(second.backend.stop(), 'the stop of the app that waits', 1_000);
    expect(await storageOf(taskHub).state()).toBe('leased');
  });

  it('goes to the app that claims it, and the first one stops working', async () => {
    const { taskHub, outside } = await newHub();
    const [first, second] = [openApp(taskHub, 'one'), openApp(taskHub, 'two')];
    await first.backend.start();
    await second.backend.start();

    await second.client.makePrimary();

    await eventually(() => first.records.some(({ level }) => level === 'warning'));
    expect(await works(second, outside)).toBe(true);
    expect(await storageOf(taskHub).info()).toMatchObject({ OwnerId: appLeaseId('two') });
    await second.backend.stop();
    expect(await works(first, outside)).toBe(true);
  });

  it('goes to the app that claims it after the owner before has stopped, and leaves no claim behind', async () => {
    const { taskHub, outside } = await newHub();
    const [first, second] = [openApp(taskHub, 'one'), openApp(taskHub, 'two')];
    await first.backend.start();
    await first.backend.stop();

    await second.backend.claimHub();
    await second.backend.start();

    expect(await works(second, outside)).toBe(true);
    expect(await storageOf(taskHub).info()).toMatchObject({
      OwnerId: appLeaseId('two'),
      DesiredSwapId: null,
    });
  });

  it('makes nobody wait for a transition that a wrong clock put far into the future', async () => {
    const { taskHub, outside } = await newHub();
    const app = openApp(taskHub, 'one');
    const { names, container, state } = storageOf(taskHub);
    await app.backend.start();
    await app.backend.stop();
    const info = {
      OwnerId: 'gone',
      DesiredSwapId: null,
      TransitionUntilUtc: '2999-01-01T00:00:00Z',
    };
    const text = JSON.stringify(info);
    await container.getBlockBlobClient(names.appLeaseInfoBlob).upload(text, text.length);

    await within(app.backend.start(), 'start', 5_000);
    expect(await works(app, outside)).toBe(true);
    expect(await state()).toBe('leased');
  });

  it('cannot be claimed on a hub where apps do not take turns', async () => {
    const backend = createAzureStorageBackend(azureOptions());
    await expect(backend.claimHub()).rejects.toThrow('UseAppLease is not enabled');
  });

  it('costs one request per renewal, and none for work', async () => {
    const { taskHub, outside } = await newHub();
    const app = openApp(taskHub, 'one', { renewMs: 60_000 });
    await app.backend.start();
    app.requests.length = 0;

    expect(await works(app, outside)).toBe(true);

    expect(app.requests.filter((request) => request.startsWith('blob'))).toEqual([]);
  });
});

describe('an app lease whose app cannot begin to work', () => {
  async function openLease(attempts: readonly ('fails' | 'works')[]) {
    const { taskHub } = await newHub();
    const { names, container, state } = storageOf(taskHub);
    const told: string[] = [];
    const records: LogRecord[] = [];
    let attempt = 0;
    const lease = new AppLease({
      taskHub,
      container,
      infoBlob: names.appLeaseInfoBlob,
      id: appLeaseId('one'),
      renewIntervalMs: 100,
      acquireIntervalMs: 150,
      leaseIntervalMs: 15_000,
      now: () => Date.now(),
      log: { write: (record) => records.push(record) },
    });
    cleanUps.push(async () => {
      await lease.stop();
      await lease.release();
    });
    const listener = {
      acquired: () => {
        told.push('acquired');
        return attempts[attempt++] === 'fails'
          ? Promise.reject(new Error('no partitions today'))
          : Promise.resolve();
      },
      lost: () => {
        told.push('lost');
        return Promise.resolve();
      },
    };
    return { lease, listener, container, state, told, records };
  }

  it('fails the start with the reason, holds nothing, and stops', async () => {
    const { lease, listener, state, told } = await openLease(['fails']);

    await expect(within(lease.start(listener), 'the start', 5_000)).rejects.toThrow(
      'no partitions today',
    );

    expect(told).toEqual(['acquired', 'lost']);
    expect(await state()).toBe('available');
    await within(lease.stop(), 'the stop', 1_000);
  });

  it('tries again, and says so, when it had waited for its turn', async () => {
    const { lease, listener, container, told, records } = await openLease(['fails', 'works']);
    await container.createIfNotExists();
    const other = container.getBlobLeaseClient(appLeaseId('two'));
    await other.acquireLease(15);
    await within(lease.start(listener), 'the start', 5_000);

    await other.releaseLease();

    await eventually(() => told.length === 3);
    expect(told).toEqual(['acquired', 'lost', 'acquired']);
    expect(records.filter(({ level }) => level === 'error')).toMatchObject([
      { message: expect.stringContaining('is tried again: no partitions today') as string },
    ]);
  });
});

describe('an app that loses the lease', () => {
  it('has its next turn only when the items of the last one are done', async () => {
    const { taskHub, outside } = await newHub();
    const [first, second] = [openApp(taskHub, 'one'), openApp(taskHub, 'two')];
    await first.backend.start();
    await second.backend.start();
    await outside.start({ name: 'Hello', input: null });
    const item = await first.backend.nextOrchestration(AbortSignal.timeout(patient(5_000)));
    await second.client.makePrimary();
    expect(await works(second, outside)).toBe(true);
    await second.backend.stop();

    await outside.start({ name: 'Hello', input: null });
    expect(await first.backend.nextOrchestration(AbortSignal.timeout(1_000))).toBeUndefined();
    if (item) await first.backend.abandonOrchestration(item);

    expect(
      await first.backend.nextOrchestration(AbortSignal.timeout(patient(5_000))),
    ).toBeDefined();
  });

  it('can stop though items are out', async () => {
    const { taskHub, outside } = await newHub();
    const [first, second] = [openApp(taskHub, 'one'), openApp(taskHub, 'two')];
    await first.backend.start();
    await second.backend.start();
    await outside.start({ name: 'Hello', input: null });
    expect(
      await first.backend.nextOrchestration(AbortSignal.timeout(patient(5_000))),
    ).toBeDefined();
    await second.client.makePrimary();
    expect(await works(second, outside)).toBe(true);

    await within(first.backend.stop(), 'the stop of the app that lost', 2_000);
  });
});

describe('who works on a hub', () => {
  const usersOf = (taskHub: string) =>
    createAzureStorageBackend(azureOptions({ taskHub })).listHubUsers();

  it('is nobody before it is there, and when nobody does', async () => {
    expect(await usersOf(freshHubName())).toEqual([]);
    const { taskHub } = await newHub();
    expect(await usersOf(taskHub)).toEqual([]);
  });

  it('is the app that holds the lease', async () => {
    const { taskHub } = await newHub();
    await openApp(taskHub, 'one').backend.start();
    const users = await usersOf(taskHub);
    expect(users[0]).toEqual({ kind: 'app', appId: appLeaseId('one') });
    expect(users.slice(1)).toMatchObject([
      { kind: 'worker', partition: expect.any(String) as string },
    ]);
  });

  it('are the workers with rows that have not expired', async () => {
    const { taskHub } = await newHub();
    const { names, storage } = storageOf(taskHub);
    const table = storage.table(names.partitionsTable);
    await table.createTable();
    const row = (rowKey: string, owner: string | undefined, inMs: number) =>
      table.createEntity({
        partitionKey: '',
        rowKey,
        ...(owner && { CurrentOwner: owner }),
        ExpiresAt: new Date(Date.now() + inMs),
        IsDraining: false,
      });
    await row('q-00', 'alive', 30_000);
    await row('q-01', 'dead', -1_000);
    await row('q-02', undefined, 30_000);

    expect(await usersOf(taskHub)).toMatchObject([
      { kind: 'worker', owner: 'alive', partition: 'q-00' },
    ]);
  });

  it('are the workers with leased blobs', async () => {
    const { taskHub } = await newHub();
    const { names, storage } = storageOf(taskHub);
    const container = storage.container(names.leaseContainer);
    for (const [name, owner] of Object.entries({ 'intent/q-00': 'alive', 'intent/q-01': 'gone' })) {
      const text = JSON.stringify({ PartitionId: name, Owner: owner, Token: null, Epoch: 1 });
      await container.getBlockBlobClient(name).upload(text, text.length);
    }
    await container.getBlobClient('intent/q-00').getBlobLeaseClient().acquireLease(15);

    expect(await usersOf(taskHub)).toEqual([
      { kind: 'worker', owner: 'alive', partition: 'intent/q-00', until: undefined },
    ]);
  });
});
