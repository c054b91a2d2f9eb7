/**
 * Two different apps that share a hub for good, as two processes: each asks for what only the other one has, is asked for it at the
 * wrong door, is killed, comes back, and at last does not.
 */
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { InstanceRecord } from '../../src/core/instance-status.ts';
import { AzureHub } from '../support/azure-hub.ts';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';
import { eventually } from '../support/eventually.ts';
import { startFunc, type FuncProcess } from '../support/func-process.ts';
import { post } from '../support/instances.ts';
import { patient } from '../support/patience.ts';
import { createScratchApp, type ScratchApp } from '../support/scratch-app.ts';

type AppName = 'shop' | 'billing';
const OTHER = { shop: 'billing', billing: 'shop' } as const satisfies Record<AppName, AppName>;
const NAMES = ['shop', 'billing'] as const;

/** What a killed host had fetched is hidden for a minute; only then its work goes on. */
const TIMEOUT = { timeout: patient(240_000) };
const PATIENCE = { timeoutMs: 150_000, intervalMs: 200 };
const PREFIX = 'AzureFunctionsJobHost__extensions__durableTask__';
/** A host that is away for less than this is waited for. */
const LEASE = { short: '00:00:15', longerThanAnyRestart: '00:30:00' } as const;

/**
 * The same for both, under names of their own. `…-order` asks the other app for one of everything; `…-part`, which it starts there, asks
 * back. Each run of an activity is written down, with who ran it.
 */
const codeOf = (own: AppName): string => `
const { appendFileSync } = require('node:fs');
const { setTimeout: pause } = require('node:timers/promises');
const df = require('durable-functions');

df.app.orchestration('${own}-order', function* (context) {
  const id = context.df.instanceId;
  const worked = yield context.df.callActivity('${OTHER[own]}-work', id + ' order');
  const parted = yield context.df.callSubOrchestrator('${OTHER[own]}-part', null, id + '-part');
  const counter = new df.EntityId('${OTHER[own]}-count', id);
  context.df.signalEntity(counter, 'add', 1);
  return [worked, parted, yield context.df.callEntity(counter, 'add', 10)];
});
df.app.orchestration('${own}-part', function* (context) {
  const id = context.df.instanceId;
  const back = yield context.df.callActivity('${OTHER[own]}-work', id + ' back');
  return [back, yield context.df.callActivity('${own}-work', id + ' own')];
});
df.app.activity('${own}-work', {
  handler: async (key) => {
    appendFileSync(process.env.JOURNAL, '${own} did ' + key + '\\n');
    await pause(100);
    return '${own} did ' + key;
  },
});
df.app.entity('${own}-count', (context) => {
  const count = context.df.getState(() => 0) + context.df.getInput();
  context.df.setState(count);
  context.df.return(count);
});
`;

const worksOf = (app: AppName, id: string): readonly string[] => [
  `${OTHER[app]} did ${id} order`,
  `${app} did ${id}-part back`,
  `${OTHER[app]} did ${id}-part own`,
];
const outputOf = (app: AppName, id: string): unknown => {
  const [order, back, own] = worksOf(app, id);
  return [order, [back, own], 11];
};

let hub: AzureHub;
let folder: string;
let apps: Readonly<Record<AppName, ScratchApp>>;
const running = new Map<AppName, FuncProcess>();

beforeEach(async () => {
  hub = new AzureHub({ taskHub: freshHubName('TwoApps'), partitionCount: 4 });
  folder = await mkdtemp(path.join(tmpdir(), 'two-apps-'));
  apps = { shop: await appNamed('shop'), billing: await appNamed('billing') };
});

afterEach(async () => {
  await Promise.all(NAMES.map(stop));
  await hub.backend.deleteHub({ force: true });
  for (const name of NAMES) await apps[name].remove();
  await rm(folder, { recursive: true, force: true });
});

const appNamed = (name: AppName): Promise<ScratchApp> =>
  createScratchApp({
    files: { 'package.json': { name, main: 'app.js' }, 'app.js': codeOf(name) },
    packages: { 'durable-functions': 'durable-functions', '@azure/functions': '@azure/functions' },
  });

async function startHost(name: AppName, lease: string): Promise<void> {
  const func = await startFunc({
    cwd: apps[name].folder,
    // One process, so that what is killed is the worker, too.
    args: ['--no-reload'],
    env: {
      JOURNAL: path.join(folder, 'journal'),
      AzureWebJobsStorage: azuriteConnectionString(),
      [`${PREFIX}hubName`]: hub.options.taskHub,
      [`${PREFIX}storageProvider__partitionCount`]: String(hub.options.partitionCount),
      [`${PREFIX}storageProvider__leaseInterval`]: lease,
      [`${PREFIX}storageProvider__leaseAcquireInterval`]: '00:00:01',
      [`${PREFIX}storageProvider__maxQueuePollingInterval`]: '00:00:01',
      [`${PREFIX}storageProvider__controlQueueVisibilityTimeout`]: '00:01:00',
      [`${PREFIX}storageProvider__workItemQueueVisibilityTimeout`]: '00:00:30',
    },
  });
  running.set(name, func);
}

async function stop(name: AppName): Promise<void> {
  const func = running.get(name);
  running.delete(name);
  await func?.stop();
}

async function kill(name: AppName): Promise<void> {
  const func = running.get(name);
  running.delete(name);
  func?.signal('SIGKILL');
  await func?.exited;
}

interface Order {
  readonly app: AppName;
  readonly id: string;
}

/** At the door of one host, whoever can do it. */
async function order(app: AppName, at: AppName, batch: string, count: number): Promise<Order[]> {
  const url = `${running.get(at)?.url}/runtime/webhooks/durabletask/orchestrators/${app}-order`;
  const ids = Array.from({ length: count }, (_, n) => `${batch}-${app}-${n}`);
  for (const id of ids) expect((await post(`${url}/${id}`)).status).toBe(202);
  return ids.map((id) => ({ app, id }));
}

const orderAtWrongDoors = async (batch: string, count: number): Promise<readonly Order[]> =>
  (await Promise.all(NAMES.map((app) => order(app, OTHER[app], batch, count)))).flat();

const endOf = ({ id }: Order): Promise<InstanceRecord> => hub.ended(id, PATIENCE);

async function expectAllDone(orders: readonly Order[]): Promise<void> {
  for (const each of orders) {
    const { output, runtimeStatus } = await endOf(each);
    const expected = ['Completed', outputOf(each.app, each.id)];
    expect([runtimeStatus, JSON.parse(output ?? 'null')]).toEqual(expected);
  }
}

/** What was run, as often as it was, in the order of the alphabet. */
async function journal(): Promise<readonly string[]> {
  const text = await readFile(path.join(folder, 'journal'), 'utf8').catch(() => '');
  return text.split('\n').slice(0, -1).sort();
}

const worksOfAll = (orders: readonly Order[]): readonly string[] =>
  orders.flatMap(({ app, id }) => worksOf(app, id)).sort();

describe('two different apps on one hub', () => {
  it('do for each other what only the other one can, each activity once', TIMEOUT, async () => {
    await startHost('shop', LEASE.longerThanAnyRestart);
    await startHost('billing', LEASE.longerThanAnyRestart);

    const orders = await orderAtWrongDoors('peace', 6);

    await expectAllDone(orders);
    expect(await journal()).toEqual(worksOfAll(orders));
  });

  it('wait for the one that was killed, and go on when it is back', TIMEOUT, async () => {
    await startHost('shop', LEASE.longerThanAnyRestart);
    await startHost('billing', LEASE.longerThanAnyRestart);
    const before = await orderAtWrongDoors('before', 4);
    await eventually(async () => (await journal()).some((line) => line.startsWith('billing did')));

    await kill('billing');
    const meanwhile = [
      ...(await order('billing', 'shop', 'meanwhile', 3)),
      ...(await order('shop', 'shop', 'meanwhile', 3)),
    ];
    await startHost('billing', LEASE.longerThanAnyRestart);

    const orders = [...before, ...meanwhile];
    await expectAllDone(orders);
    expect([...new Set(await journal())]).toEqual(worksOfAll(orders));
  });

  it('fail what waits for the one that stopped for good, and say why', TIMEOUT, async () => {
    await startHost('shop', LEASE.short);
    await startHost('billing', LEASE.short);
    await expectAllDone(await order('shop', 'shop', 'before', 1));

    await stop('billing');
    const orders = [
      ...(await order('billing', 'shop', 'after', 2)),
      ...(await order('shop', 'shop', 'after', 2)),
    ];
    const ends = await Promise.all(orders.map(endOf));

    expect(ends.map(({ runtimeStatus }) => runtimeStatus)).toEqual(orders.map(() => 'Failed'));
    for (const [index, { app }] of orders.entries()) {
      const missing = app === 'billing' ? 'billing-order' : 'billing-work';
      expect(ends[index]?.output).toContain(`The function '${missing}' doesn't exist`);
    }
  });
});
