/** Processes that share a hub tell each other of what they have put, over real sockets: counted, never timed. */
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { newWorkerName } from '../../src/azure-storage/partitions/worker-name.ts';
import { toInstanceId } from '../../src/core/ids.ts';
import { partitionOf } from '../../src/core/partition-of.ts';
import { AzureHub } from '../support/azure-hub.ts';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';
import { eventually } from '../support/eventually.ts';
import { runCommand } from '../support/func-command.ts';
import { freePort, startFunc, type FuncProcess } from '../support/func-process.ts';
import { ended, start } from '../support/instances.ts';
import { createOneFileApp } from '../support/one-file-app.ts';
import { LONG } from '../support/patience.ts';
import type { ScratchApp } from '../support/scratch-app.ts';

const PREFIX = 'AzureFunctionsJobHost__extensions__durableTask__';
const APP = `
df.app.activity('echo', { handler: (input) => input });
df.app.orchestration('child', function* (context) {
  return yield context.df.callActivity('echo', context.df.getInput());
});
df.app.activity('hold', {
  handler: async () => {
    const { existsSync } = await import('node:fs');
    const name = __dirname + '/let-go';
    while (!existsSync(name)) await new Promise((resolve) => setTimeout(resolve, 50));
    return 'let go';
  },
});
df.app.orchestration('holder', function* (context) {
  return yield context.df.callActivity('hold');
});
df.app.orchestration('parent', function* (context) {
  const echoed = [];
  for (let step = 0; step < 8; step++) echoed.push(yield context.df.callSubOrchestrator('child', step));
  return echoed;
});
`;

let hub: AzureHub;
let app: ScratchApp;
const hosts: FuncProcess[] = [];
let street: Server | undefined;

beforeEach(async () => {
  hub = new AzureHub({ taskHub: freshHubName('Wake'), partitionCount: 4 });
  app = await createOneFileApp(APP);
});

afterEach(async () => {
  await Promise.all(hosts.splice(0).map((host) => host.stop()));
  street?.close();
  street = undefined;
  await hub.backend.deleteHub({ force: true });
  await app.remove();
});

const environment = () => ({
  AzureWebJobsStorage: azuriteConnectionString(),
  [`${PREFIX}hubName`]: hub.options.taskHub,
  [`${PREFIX}storageProvider__leaseAcquireInterval`]: '00:00:01',
  [`${PREFIX}storageProvider__maxQueuePollingInterval`]: '00:10:00',
});

async function startHost(env: Readonly<Record<string, string>> = {}): Promise<FuncProcess> {
  const host = await startFunc({ cwd: app.folder, env: { ...environment(), ...env } });
  hosts.push(host);
  return host;
}

async function ring(url: string, key: string): Promise<number> {
  const answer = await fetch(url, { method: 'POST', headers: { 'x-doorbell-key': key } });
  return answer.status;
}

describe('func durable start-new', LONG, () => {
  it('tells the owner of the partition, once, with the key that only storage knows', async () => {
    const rung: string[] = [];
    street = createServer((request, answer) => {
      rung.push(`${request.method} ${request.url} ${String(request.headers['x-doorbell-key'])}`);
      answer.writeHead(204).end();
    });
    street.listen(0, '127.0.0.1');
    await once(street, 'listening');
    const { port } = street.address() as AddressInfo;
    await hub.backend.createHub();
    const table = hub.partitionTable();
    const { rows } = await table.read();
    const owner = newWorkerName();
    const doorbell = { url: `http://127.0.0.1:${port}/doorbell`, key: 'secret' };
    await table.write(rows.map((row) => ({ ...row, owner, doorbell })));

    const args = ['durable', 'start-new', '--function-name', 'child', '--id', 'order-7'];
    const { code, stderr } = await runCommand(args, { cwd: app.folder, env: environment() });

    expect(stderr).toBe('');
    expect(code).toBe(0);
    expect(rung).toEqual([`POST /doorbell/${partitionOf(toInstanceId('order-7'), 4)} secret`]);
  });
});

describe('func start', LONG, () => {
  it('writes its door beside its lease, and answers there to whoever has the key', async () => {
    const host = await startHost();
    const { rows } = await hub.partitionTable().read();
    const doorbell = rows[0]?.doorbell ?? { url: '', key: '' };

    expect(rows.map((row) => row.doorbell)).toEqual([doorbell, doorbell, doorbell, doorbell]);
    expect(doorbell.url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/doorbell$/);
    expect(await ring(`${doorbell.url}/3`, doorbell.key)).toBe(204);
    expect(await ring(`${doorbell.url}/activities`, doorbell.key)).toBe(204);
    expect(await ring(`${doorbell.url}/3`, 'guessed')).toBe(401);
    expect(await ring(`${doorbell.url}/4`, doorbell.key)).toBe(404);
    const asked = await fetch(`${doorbell.url}/running?top=5`, {
      headers: { 'x-doorbell-key': doorbell.key },
    });
    expect([asked.status, await asked.json()]).toEqual([200, { total: 0, running: [] }]);
    expect((await fetch(`${doorbell.url}/running`)).status).toBe(401);
    expect(await ring(`${doorbell.url}/3/x`, doorbell.key)).toBe(404);
    expect(await ring(`${host.url}/runtime/webhooks/doorbell/3`, doorbell.key)).toBe(404);
  });

  it('has its door at the public port, where wakeUpUrl says that others reach it', async () => {
    const port = await freePort();
    const host = await startFunc({
      cwd: app.folder,
      port,
      env: { ...environment(), [`${PREFIX}wakeUpUrl`]: `http://127.0.0.1:${port}/` },
    });
    hosts.push(host);
    const { rows } = await hub.partitionTable().read();
    const { url = '', key = '' } = rows[0]?.doorbell ?? {};

    expect(url).toBe(`http://127.0.0.1:${port}/runtime/webhooks/doorbell`);
    expect(await ring(`${url}/0`, key)).toBe(204);
    expect(await ring(`${url}/0`, 'guessed')).toBe(401);
  });

  it('finishes what goes to and fro between two processes that hardly poll', async () => {
    const [first] = [await startHost(), await startHost()];
    await eventually(
      async () => {
        const { rows } = await hub.partitionTable().read();
        return new Set(rows.map(({ owner }) => owner)).size === 2;
      },
      { timeoutMs: 60_000, intervalMs: 250 },
    );

    const parents = await Promise.all(
      Array.from({ length: 4 }, () => start(`${first.url}/api/start/parent`)),
    );

    for (const parent of parents) {
      expect(await ended(parent, 60_000)).toMatchObject({ output: [0, 1, 2, 3, 4, 5, 6, 7] });
    }
  });

  it('tells on request what all processes of the hub execute, whichever is asked', async () => {
    const holders = 12;
    const both = [
      await startHost({ [`${PREFIX}maxConcurrentActivityFunctions`]: String(holders / 2) }),
      await startHost({ [`${PREFIX}maxConcurrentActivityFunctions`]: String(holders / 2) }),
    ] as const;
    const started = await Promise.all(
      Array.from({ length: holders }, () => start(`${both[0].url}/api/start/holder`)),
    );

    const answers = await eventually(
      async () => {
        const found = await Promise.all(both.map((host) => running(host)));
        return found.every(({ total }) => total === holders) ? found : undefined;
      },
      { timeoutMs: 60_000, intervalMs: 250 },
    );
    await writeFile(path.join(app.folder, 'let-go'), '');
    for (const each of started) await ended(each, 60_000);

    for (const { running: all, others } of answers) {
      expect(new Set(all.map(({ instanceId }) => instanceId)).size).toBe(holders);
      expect(others).toEqual([{ worker: expect.any(String) as string, total: holders / 2 }]);
      expect(all.filter(({ worker }) => worker === null)).toHaveLength(holders / 2);
      expect(all.filter(({ worker }) => worker === others[0]?.worker)).toHaveLength(holders / 2);
    }
  });
});

interface RunningAnswer {
  readonly total: number;
  readonly running: readonly { readonly instanceId: string; readonly worker: string | null }[];
  readonly others: readonly { readonly worker: string; readonly total: number | null }[];
}

async function running(host: FuncProcess): Promise<RunningAnswer> {
  const url = `${host.url}/runtime/webhooks/durabletask/running`;
  return (await (await fetch(url)).json()) as RunningAnswer;
}
