/** The hubs that clients of an app may use: on a real Azurite, where each hub is looked at from outside. */
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { AppHubs } from '../../src/hub/app-hubs.ts';
import { connectHub } from '../../src/hub/connect-hub.ts';
import { hubBaseUrl, withHubInQuery } from '../../src/hub/hub-path.ts';
import { otherHubOpener } from '../../src/hub/other-hub.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { AzureHub } from '../support/azure-hub.ts';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';
import { patient } from '../support/patience.ts';

const cleanUps: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function openHubs(durableTask: object = {}): Promise<AppHubs> {
  const folder = await mkdtemp(path.join(tmpdir(), 'app-hubs-'));
  cleanUps.push(() => rm(folder, { recursive: true }));
  const hostJson = {
    version: '2.0',
    extensions: { durableTask: { hubName: 'OwnHub', ...durableTask } },
  };
  await writeFile(path.join(folder, 'host.json'), JSON.stringify(hostJson));
  const env = { AzureWebJobsStorage: azuriteConnectionString(), Second: azuriteConnectionString() };
  const config = await loadConfig({ scriptRoot: folder, env, cpuCount: 1 });
  const { client } = connectHub(config, silentLogger);
  return new AppHubs({ config, client, openOther: otherHubOpener(config, silentLogger) });
}

function outside(taskHub: string, partitionCount = 4): AzureHub {
  const hub = new AzureHub({ taskHub, partitionCount });
  cleanUps.push(() => hub.backend.deleteHub());
  return hub;
}

describe('the hubs of an app', () => {
  it.each([
    {},
    { taskHub: 'ownhub' },
    { connection: 'Storage' },
    { taskHub: 'OwnHub', connection: 'AzureWebJobsStorage' },
  ])('have its own under %j', async (asked) => {
    const hubs = await openHubs();
    expect(hubs.isOwn(asked)).toBe(true);
    expect((await hubs.client(asked))?.taskHub).toBe('OwnHub');
  });

  it('have another only once a binding names it, under all names of its connection', async () => {
    const hubs = await openHubs();
    const taskHub = freshHubName();
    expect(await hubs.client({ taskHub })).toBeUndefined();

    hubs.admit({ taskHub });

    expect((await hubs.client({ taskHub: taskHub.toUpperCase() }))?.taskHub).toBe(taskHub);
    expect((await hubs.client({ taskHub, connection: 'Storage' }))?.taskHub).toBe(taskHub);
    expect(await hubs.client({ taskHub, connection: 'Second' })).toBeUndefined();
    expect(await hubs.client({ taskHub: 'Third' })).toBeUndefined();
  });

  it('may be any when a setting says so, but for what can be no hub', async () => {
    const hubs = await openHubs({ otherHubs: 'any' });
    const taskHub = freshHubName();

    expect((await hubs.client({ taskHub }))?.taskHub).toBe(taskHub);
    expect((await hubs.client({ taskHub, connection: 'Second' }))?.taskHub).toBe(taskHub);
    await expect(hubs.client({ taskHub: 'a b!' })).rejects.toThrow("Task hub name 'a b!' should");
    await expect(hubs.client({ connection: 'None' })).rejects.toThrow("'None' has no app setting");
  });

  it('may be in another account, which a setting names', async () => {
    const hubs = await openHubs();
    hubs.admit({ connection: 'Second' });

    expect((await hubs.client({ connection: 'second' }))?.taskHub).toBe('OwnHub');
    expect(() => {
      hubs.admit({ taskHub: 'a b!' });
    }).toThrow("Task hub name 'a b!' should contain only alphanumeric characters");
    expect(() => {
      hubs.admit({ connection: 'NoSuchSetting' });
    }).toThrow("The connection 'NoSuchSetting' has no app setting");
    expect(() => {
      hubs.admit({ connection: azuriteConnectionString() });
    }).toThrow('A connection is the name of an app setting');
  });

  it('can be used by the binding that names them', async () => {
    const hubs = await openHubs();
    const taskHub = freshHubName();

    expect((await hubs.clientOfApp({ taskHub })).taskHub).toBe(taskHub);
    expect((await hubs.clientOfApp({})).taskHub).toBe('OwnHub');
    await expect(hubs.clientOfApp({ connection: 'NoSuchSetting' })).rejects.toThrow(
      'no app setting',
    );
  });

  it('do not go beyond the memory of a host', async () => {
    const hubs = await openHubs({ storageProvider: { type: 'memory' } });
    expect(() => {
      hubs.admit({ taskHub: 'Other' });
    }).toThrow("it can reach no other: taskHub 'Other'");
  });
});

describe('another hub', () => {
  it('gets what is started there into the queue that its own worker reads', async () => {
    const hubs = await openHubs();
    const other = outside(freshHubName(), 7);
    await other.backend.createHub();
    hubs.admit({ taskHub: other.options.taskHub });
    const client = await hubs.client({ taskHub: other.options.taskHub });

    const ids = ['a', 'b', 'c', 'd'];
    for (const instanceId of ids) await client?.start({ name: 'Hello', input: null, instanceId });

    expect(await other.messageCount()).toBe(4);
    await other.backend.start();
    cleanUps.push(() => other.backend.stop());
    const received = [];
    while (received.length < ids.length) {
      const item = await other.backend.nextOrchestration(AbortSignal.timeout(patient(10_000)));
      received.push(item?.instanceId);
    }
    expect(received.sort()).toEqual(ids);
  });

  it('is empty, and stays away, when it is only read and is not there', async () => {
    const hubs = await openHubs();
    const other = outside(freshHubName());
    hubs.admit({ taskHub: other.options.taskHub });
    const client = await hubs.client({ taskHub: other.options.taskHub });
    const query = { pageSize: 10, includeInput: false, includeOutput: false };

    expect(await client?.findStatus('a', { input: false })).toBeUndefined();
    expect(await client?.list(query)).toEqual({ instances: [], continuationToken: undefined });
    const { names, storage } = other.storage();
    expect(await storage.container(names.leaseContainer).exists()).toBe(false);
    await expect(other.backend.listInstances(query)).rejects.toThrow('TableNotFound');
  });

  it('is created by the first thing that is sent to it', async () => {
    const hubs = await openHubs();
    const other = outside(freshHubName());
    hubs.admit({ taskHub: other.options.taskHub });
    const client = await hubs.client({ taskHub: other.options.taskHub });

    await client?.start({ name: 'Hello', input: '1', instanceId: 'first' });

    expect(await other.client.findStatus('first', { input: true })).toMatchObject({
      name: 'Hello',
      runtimeStatus: 'Pending',
    });
  });
});

describe('the path of another hub on the loopback port', () => {
  const asked: string[] = [];
  const handler = withHubInQuery({
    fetch: async (request) => {
      const { pathname, search } = new URL(request.url);
      asked.push(`${request.method} ${pathname}${search} ${await request.text()}`.trim());
      return new Response();
    },
  });
  const base = (taskHub?: string, connection?: string) =>
    hubBaseUrl('http://127.0.0.1:17071/durabletask/', {
      ...(taskHub && { taskHub }),
      ...(connection && { connection }),
    });

  it.each([
    [base('Other'), 'instances/a%2Fb', '/durabletask/instances/a%2Fb?taskHub=Other'],
    [
      base(undefined, 'My Conn'),
      'instances/?top=3',
      '/durabletask/instances/?top=3&connection=My+Conn',
    ],
    [base('A', 'B'), 'instances/x?taskHub=C', '/durabletask/instances/x?taskHub=C&connection=B'],
    ['http://127.0.0.1:17071/durabletask/', 'instances/x', '/durabletask/instances/x'],
    [
      'http://127.0.0.1:17071/durabletask/hubs/%E0%A4%A/-/',
      'instances/x',
      '/durabletask/instances/x?taskHub=%25E0%25A4%25A',
    ],
  ])('turns %s%s into %s', async (baseUrl, relative, seen) => {
    await handler.fetch(new Request(new URL(relative, baseUrl), { method: 'POST', body: 'hi' }));
    expect(asked.pop()).toBe(`POST ${seen} hi`);
  });
});
