/**
 * A hub that works, opened as a root other than the host would: in a process that is not ours, with an app that is loaded
 * already, on a real Azurite.
 */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { openWorkingHub, type WorkingHub } from '../../src/hub/working-hub.ts';
import { type Logger, type LogRecord, silentLogger } from '../../src/telemetry/log.ts';
import { AzureHub } from '../support/azure-hub.ts';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';
import { eventually } from '../support/eventually.ts';
import { LIFECYCLE_APP, openGate, runsOf } from '../support/lifecycle-app.ts';
import { loadSdkApp, type SdkApp } from '../support/sdk-app.ts';

const BASE_PATH = '/runtime/webhooks/durabletask';
const cleanUps: (() => Promise<unknown>)[] = [];
let app: SdkApp;

beforeAll(async () => {
  app = await loadSdkApp('3.5.0', LIFECYCLE_APP);
});

afterAll(async () => {
  await app.dispose();
});

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function configured(
  durableTask: object = {},
  account = azuriteConnectionString(),
): Promise<Config> {
  const folder = await mkdtemp(path.join(tmpdir(), 'working-hub-'));
  cleanUps.push(() => rm(folder, { recursive: true }));
  const hubName = freshHubName();
  const hostJson = { version: '2.0', extensions: { durableTask: { hubName, ...durableTask } } };
  await writeFile(path.join(folder, 'host.json'), JSON.stringify(hostJson));
  const env = { AzureWebJobsStorage: account };
  return await loadConfig({ scriptRoot: folder, env, cpuCount: 1 });
}

async function open(config: Config, log: Logger = silentLogger): Promise<WorkingHub> {
  const hub = await openWorkingHub(config, () => Promise.resolve(app), log);
  cleanUps.push(() => hub.worker.stop());
  if (config.connection !== undefined) {
    const { hubName: taskHub } = config.durableTask;
    cleanUps.push(() => new AzureHub({ taskHub, partitionCount: 4 }).backend.deleteHub());
  }
  return hub;
}

/** As a worker of extension 2.x leaves it while it works. */
async function leaseBlob(config: Config, name: string, owner: string): Promise<void> {
  const { hubName: taskHub } = config.durableTask;
  const { names, storage } = new AzureHub({ taskHub, partitionCount: 4 }).storage();
  const blob = storage.container(names.leaseContainer).getBlockBlobClient(name);
  const text = JSON.stringify({ PartitionId: name, Owner: owner, Token: null, Epoch: 1 });
  await blob.upload(text, text.length);
  await blob.getBlobLeaseClient().acquireLease(15);
}

function managementApp(hub: WorkingHub) {
  const api = hub.managementApp({
    basePath: BASE_PATH,
    urls: { webhookPath: BASE_PATH, taskHub: hub.client.taskHub },
  });
  return async (method: string, relative: string): Promise<Response> =>
    await api.fetch(new Request(`http://localhost${BASE_PATH}/${relative}`, { method }));
}

const PATIENCE = { timeoutMs: 20_000, intervalMs: 20 };

describe('a working hub', () => {
  it('is none while an import into it is not complete', async () => {
    const config = await configured();
    const { backend } = new AzureHub({ taskHub: config.durableTask.hubName, partitionCount: 4 });
    cleanUps.push(() => backend.deleteHub());
    await backend.createHub();
    await backend.markImport('{}');

    await expect(open(config)).rejects.toThrow('is not complete, and no host may work on it');

    await backend.markImport(undefined);
    expect((await open(config)).client.taskHub).toBe(config.durableTask.hubName);
  });

  it('warns of workers that share partitions by blobs, and of no others', async () => {
    const config = await configured();
    const records: LogRecord[] = [];
    const log = { write: (record: LogRecord) => void records.push(record) };
    const warnings = () => records.filter(({ level }) => level === 'warning');
    await (await open(config, log)).worker.start();
    await (await open(config, log)).worker.start();
    expect(warnings()).toEqual([]);

    await leaseBlob(config, 'intent/q-00', 'worker of extension 2.x');
    await (await open(config, log)).worker.start();

    expect(warnings()).toMatchObject([
      { message: expect.stringContaining("'worker of extension 2.x' owns intent/q-00") as string },
    ]);
  });

  it('by leases of blobs warns of workers that share partitions by the table, and of the other leases', async () => {
    const byTable = await configured();
    const { hubName } = byTable.durableTask;
    const storageProvider = { useTablePartitionManagement: false };
    const config = await configured({ hubName, storageProvider });
    const records: LogRecord[] = [];
    const log = { write: (record: LogRecord) => void records.push(record) };
    await (await open(byTable)).worker.start();
    await leaseBlob(config, 'default/q-00', 'one of the legacy way');

    await (await open(config, log)).worker.start();

    const warnings = records.filter(({ level }) => level === 'warning');
    expect(warnings).toHaveLength(1);
    expect(warnings[0]?.message).toMatch(/owns \w+-control-00, by the table/);
    expect(warnings[0]?.message).toContain("'one of the legacy way' owns default/q-00, by leases");
  });

  it('runs what its client and its management API start, once its worker has started', async () => {
    const hub = await open(await configured());
    const request = managementApp(hub);
    await hub.client.start({ name: 'Echo', input: '"a"', instanceId: 'a' });
    expect((await request('POST', 'orchestrators/Echo/b')).status).toBe(202);
    expect(await hub.client.findStatus('a', { input: false })).toMatchObject({
      runtimeStatus: 'Pending',
    });

    await hub.worker.start();

    expect(await hub.client.waitForTerminal('a', PATIENCE)).toMatchObject({ output: '"a"' });
    await hub.client.waitForTerminal('b', PATIENCE);
    expect((await request('GET', 'instances/b')).status).toBe(200);
    expect((await request('GET', 'instances/c')).status).toBe(404);
  });

  it('tells which functions it executes at the moment', async () => {
    const hub = await open(await configured());
    const request = managementApp(hub);
    const running = async (): Promise<unknown> => (await request('GET', 'running')).json();
    await hub.worker.start();
    expect(await running()).toEqual({ total: 0, running: [], others: [] });

    await hub.client.start({ name: 'WaitForActivity', input: null, instanceId: 'gated' });
    await eventually(() => runsOf('gated') === 1, PATIENCE);
    expect(await running()).toMatchObject({
      total: 1,
      running: [{ kind: 'activity', name: 'Gate', instanceId: 'gated', worker: null }],
    });

    openGate('gated');
    await hub.client.waitForTerminal('gated', PATIENCE);
    expect(await running()).toEqual({ total: 0, running: [], others: [] });
  });

  it('knows the entities of its app, and other hubs once the app names them', async () => {
    const hub = await open(await configured());
    const request = managementApp(hub);
    expect((await request('POST', 'entities/Register/k?op=add')).status).toBe(202);
    expect((await request('POST', 'entities/Nobody/k?op=add')).status).toBe(400);
    expect((await request('GET', 'instances/a?taskHub=Elsewhere')).status).toBe(404);
    expect((await request('GET', 'instances?taskHub=Elsewhere')).status).toBe(404);

    hub.hubs.admit({ taskHub: 'Elsewhere' });

    expect((await request('GET', 'instances?taskHub=Elsewhere')).status).toBe(200);
  });

  it('changes nothing of the process that it works in', async () => {
    const before = processState();

    const hub = await open(await configured({ storageProvider: { type: 'memory' } }));
    await hub.worker.start();
    const id = await hub.client.start({ name: 'Echo', input: '1' });
    await hub.client.waitForTerminal(id, PATIENCE);

    expect(processState()).toEqual(before);
  });

  it('hands the app its hubs and limits while it is loaded', async () => {
    const config = await configured();
    let opened: unknown;
    await openWorkingHub(
      config,
      async ({ hubs, limits }) => {
        const client = await hubs.clientOfApp({});
        opened = [await client.findStatus('a', { input: false }), limits.maxTimerMs];
        return app;
      },
      silentLogger,
    );
    cleanUps.push(() =>
      new AzureHub({ taskHub: config.durableTask.hubName, partitionCount: 4 }).backend.deleteHub(),
    );
    expect(opened).toEqual([undefined, 6 * 24 * 60 * 60 * 1000]);
  });
});

describe('a hub that cannot work', () => {
  it('says so in one line, and loads no app, when storage does not answer', async () => {
    const dead = azuriteConnectionString().replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:1');
    let isLoaded = false;
    const load = () => {
      isLoaded = true;
      return Promise.resolve(app);
    };

    const opening = openWorkingHub(await configured({}, dead), load, silentLogger);

    await expect(opening).rejects.toThrow(/^The task hub 'Hub\w+' cannot be opened in the storage/);
    expect(isLoaded).toBe(false);
  });

  it('says which setting of the notifications is wrong', async () => {
    const config = await configured({
      notifications: { eventGrid: { topicEndpoint: 'https://topic.example' } },
    });
    const opening = openWorkingHub(config, () => Promise.resolve(app), silentLogger);
    await expect(opening).rejects.toMatchObject({ code: 'CONFIG' });
  });

  it('fails as the app does', async () => {
    const config = await configured({ storageProvider: { type: 'memory' } });
    const load = () => Promise.reject(new Error('no such module'));
    await expect(openWorkingHub(config, load, silentLogger)).rejects.toThrow('no such module');
  });
});

/** What a library must leave alone. */
function processState() {
  return {
    directory: process.cwd(),
    environment: { ...process.env },
    listeners: process
      .eventNames()
      .map((name) => [String(name), process.listenerCount(name)] as const),
    servers: process.getActiveResourcesInfo().filter((name) => name === 'TCPServerWrap'),
  };
}
