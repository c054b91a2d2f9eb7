/**
 * Whoever waits in the process that runs an instance is answered when its end is stored: after the commit, never before, and
 * with one look at storage. Intervals are so long here that polling answers nobody.
 */
import { randomUUID } from 'node:crypto';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, afterEach, describe, expect, it } from 'vitest';
import { createAzureStorageBackend } from '../../../src/azure-storage/azure-storage-backend.ts';
import { BackendUnavailableError, InstanceNotFoundError } from '../../../src/core/errors.ts';
import { toInstanceId } from '../../../src/core/ids.ts';
import { OrchestrationState } from '../../../src/core/orchestration-state.ts';
import type { TaskHubBackend } from '../../../src/engine/backend.ts';
import { repairInstance } from '../../../src/engine/examine/repair-instance.ts';
import { waitersOf } from '../../../src/engine/instance-waiters.ts';
import { TaskHubClient } from '../../../src/engine/task-hub-client.ts';
import { createTaskHubWorker } from '../../../src/engine/task-hub-worker.ts';
import { createLocalBackend } from '../../../src/local/local-backend.ts';
import { createMemoryBackend } from '../../../src/memory/memory-backend.ts';
import { MemoryStore } from '../../../src/memory/memory-store.ts';
import { silentLogger } from '../../../src/telemetry/log.ts';
import { azureOptions } from '../../azure-storage/azure-options.ts';
import { eventually, within } from '../../support/eventually.ts';
import { activity, answered, event, threw } from '../../support/history.ts';
import { overriding } from '../../support/overriding.ts';
import { LONG } from '../../support/patience.ts';
import { ScriptedInvoker, sequence } from '../../support/scripted-invoker.ts';

const AMBIENT = { now: () => Date.now(), newId: () => randomUUID().replaceAll('-', '') };
/** Nobody polls within it. */
const RARELY = { timeoutMs: 600_000, intervalMs: 600_000 };

interface Gate {
  readonly opened: Promise<void>;
  open(): void;
}

function gate(): Gate {
  let open = (): void => undefined;
  const opened = new Promise<void>((resolve) => (open = resolve));
  return { opened, open };
}

const steps = [activity('A'), activity('B'), activity('C')];
const newApp = (slow: Gate = gate()) =>
  new ScriptedInvoker({
    orchestrators: {
      Hello: sequence(steps),
      Slow: sequence([activity('Slow')]),
      Boom: () => threw([], 'boom'),
      Wait: () => answered([event('Go')]),
    },
    activities: {
      A: () => '1',
      B: () => '2',
      C: () => '3',
      Slow: async () => {
        await slow.opened;
        return '4';
      },
    },
  });

const running: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const hub of running.splice(0)) await hub.stop();
});

interface Hub {
  readonly client: TaskHubClient;
  readonly backend: TaskHubBackend;
  /** How often the row of an instance was read. */
  reads(instanceId: string): number;
}

const folder = mkdtempSync(path.join(tmpdir(), 'waiting-'));
let hubs = 0;
afterAll(() => {
  rmSync(folder, { recursive: true, force: true });
});

function openLocal(): TaskHubBackend {
  return createLocalBackend({ path: folder, taskHub: `Hub${++hubs}`, log: silentLogger });
}

const BACKENDS: readonly { readonly name: string; readonly open: () => TaskHubBackend }[] = [
  { name: 'memory', open: () => createMemoryBackend() },
  { name: 'a local folder', open: openLocal },
  { name: 'Azure Storage', open: () => createAzureStorageBackend(azureOptions()) },
];

async function startHub(
  inner: TaskHubBackend,
  invoker = newApp(),
  own: (inner: TaskHubBackend) => Partial<TaskHubBackend> = () => ({}),
): Promise<Hub> {
  const reads = new Map<string, number>();
  const counted: Partial<TaskHubBackend> = {
    findInstance: (id, include) => {
      reads.set(id, (reads.get(id) ?? 0) + 1);
      return inner.findInstance(id, include);
    },
  };
  const backend = overriding(inner, { ...counted, ...own(inner) });
  const client = new TaskHubClient({
    backend,
    ambient: AMBIENT,
    log: silentLogger,
    taskHub: 'Test',
  });
  const worker = createTaskHubWorker({
    backend,
    invoker,
    ambient: AMBIENT,
    log: silentLogger,
    settings: { taskHub: 'Test', maxConcurrentActivities: 10, maxConcurrentOrchestrations: 10 },
  });
  await backend.createHub();
  await worker.start();
  running.push({
    async stop() {
      await worker.stop();
      await backend.deleteHub();
    },
  });
  return { client, backend, reads: (id) => reads.get(id) ?? 0 };
}

/** Whether somebody is told who waits for the end, and never looks. */
async function toldOf({ backend }: Hub, instanceId: string): Promise<boolean> {
  const waiter = waitersOf(backend).enter(toInstanceId(instanceId));
  try {
    return await waiter.wait(RARELY.timeoutMs);
  } finally {
    waiter.leave();
  }
}

describe.each(BACKENDS)('a client that waits beside the worker, on $name', LONG, ({ open }) => {
  it('reads the row of an instance that it started once', async () => {
    const hub = await startHub(open());

    const id = await hub.client.start({ name: 'Hello', input: null });
    const waiting = hub.client.waitForTerminal(id, { ...RARELY, isUnderWay: true });

    expect(await within(waiting, 'the outcome')).toMatchObject({
      runtimeStatus: 'Completed',
      output: '[1,2,3]',
    });
    expect(hub.reads(id)).toBe(1);
    expect(waitersOf(hub.backend).size).toBe(0);
  });

  it('asks nobody while an activity takes its time', async () => {
    const slow = gate();
    const hub = await startHub(open(), newApp(slow));

    const id = await hub.client.start({ name: 'Slow', input: null });
    const waiting = hub.client.waitForTerminal(id, { ...RARELY, isUnderWay: true });
    // Longer than the first pauses of somebody who polls, and than the commit window.
    await new Promise((resolve) => setTimeout(resolve, 400));
    const meanwhile = hub.reads(id);
    slow.open();

    expect((await within(waiting, 'the outcome'))?.output).toBe('[4]');
    expect([meanwhile, hub.reads(id)]).toEqual([0, 1]);
  });

  it('hears of the end when it is stored, and not before', async () => {
    const commit = { began: gate(), mayGoOn: gate() };
    const hub = await startHub(open(), newApp(), (inner) => ({
      async commitOrchestration(item, request) {
        commit.began.open();
        await commit.mayGoOn.opened;
        return inner.commitOrchestration(item, request);
      },
    }));
    let isAnswered = false;

    const id = await hub.client.start({ name: 'Hello', input: null });
    const waiting = hub.client
      .waitForTerminal(id, { ...RARELY, isUnderWay: true })
      .finally(() => (isAnswered = true));
    await commit.began.opened;
    await new Promise((resolve) => setImmediate(resolve));
    expect(isAnswered).toBe(false);
    commit.mayGoOn.open();

    expect((await within(waiting, 'the outcome'))?.runtimeStatus).toBe('Completed');
  });

  it('hears of a commit that was stored though it failed', async () => {
    let commits = 0;
    const hub = await startHub(open(), newApp(), (inner) => ({
      async commitOrchestration(item, request) {
        const receipt = await inner.commitOrchestration(item, request);
        if (++commits > 1) return receipt;
        // The item is done for the backend behind this one: its messages come again as new ones.
        for (const { message } of item.messages) await inner.sendMessage(message);
        throw new BackendUnavailableError('The answer was lost.');
      },
    }));
    const told = toldOf(hub, 'x');

    await hub.client.start({ name: 'Hello', input: null, instanceId: 'x' });

    expect(await within(told, 'the news', 30_000)).toBe(true);
    expect((await hub.client.findStatus('x', { input: false }))?.runtimeStatus).toBe('Completed');
  });

  it.each([
    ['fails', 'Boom', 'Failed'],
    ['is terminated', 'Wait', 'Terminated'],
  ])('hears of an instance that %s', async (_, name, runtimeStatus) => {
    const hub = await startHub(open());
    const told = toldOf(hub, 'x');

    await hub.client.start({ name, input: null, instanceId: 'x' });
    if (runtimeStatus === 'Terminated') await hub.client.terminate('x', 'enough');

    expect(await within(told, 'the news')).toBe(true);
    expect((await hub.client.findStatus('x', { input: false }))?.runtimeStatus).toBe(runtimeStatus);
  });

  it('hears of an instance that is terminated before it began', async () => {
    const hub = await startHub(open());
    const told = toldOf(hub, 'x');
    const scheduledStartTime = new Date(Date.now() + 3_600_000).toISOString();

    await hub.client.start({ name: 'Hello', input: null, instanceId: 'x', scheduledStartTime });
    await hub.client.terminate('x', 'enough');

    expect(await within(told, 'the news')).toBe(true);
    expect((await hub.client.findStatus('x', { input: false }))?.runtimeStatus).toBe('Terminated');
  });

  it('hears of a status row that is repaired', async () => {
    const hub = await startHub(open());
    const id = await hub.client.start({ name: 'Hello', input: null });
    await within(hub.client.waitForTerminal(id, RARELY), 'the outcome');
    const told = toldOf(hub, id);
    const state = new OrchestrationState(toInstanceId(id));
    for (const event of await hub.client.readHistory(id)) state.append(event);
    const now = new Date().toISOString();
    const row = await hub.backend.findInstance(toInstanceId(id));
    if (!row) throw new Error('there is no row');

    await repairInstance(
      hub.backend,
      state,
      { log: silentLogger, taskHub: 'Test', now },
      { ...row, runtimeStatus: 'Running' },
    );

    expect(await within(told, 'the news')).toBe(true);
  });

  it.each([
    ['by its id', (client: TaskHubClient, id: string) => client.purge(id)],
    ['with its tree', (client: TaskHubClient, id: string) => client.trees.purge(id)],
    [
      'by a filter',
      (client: TaskHubClient) =>
        client.purgeBy({ createdTimeFrom: new Date(0), runtimeStatuses: ['Completed'] }),
    ],
  ])('hears of a purge %s', async (_, purge) => {
    const hub = await startHub(open());
    const id = await hub.client.start({ name: 'Hello', input: null });
    await within(hub.client.waitForTerminal(id, RARELY), 'the outcome');
    const told = toldOf(hub, id);

    await purge(hub.client, id);

    expect(await within(told, 'the news')).toBe(true);
  });
});

describe('a client that waits', LONG, () => {
  it('polls for an instance of another process, with pauses that grow', async () => {
    const store = new MemoryStore();
    const slow = gate();
    const other = await startHub(createMemoryBackend({ store }), newApp(slow));
    const reads: number[] = [];
    const backend = overriding(createMemoryBackend({ store }), {
      findInstance: (id, include) => {
        reads.push(Date.now());
        return other.backend.findInstance(id, include);
      },
    });
    const client = new TaskHubClient({
      backend,
      ambient: AMBIENT,
      log: silentLogger,
      taskHub: 'Test',
    });

    const id = await client.start({ name: 'Slow', input: null });
    const waiting = client.waitForTerminal(id, { ...RARELY, isUnderWay: true });
    await eventually(() => reads.length === 3);
    slow.open();

    expect((await within(waiting, 'the outcome'))?.output).toBe('[4]');
    expect(reads.length).toBeGreaterThan(3);
  });

  it('is forgotten when it hangs up, and when its time is up', async () => {
    const hub = await startHub(createMemoryBackend());
    const id = await hub.client.start({ name: 'Wait', input: null });
    const hangUp = new AbortController();

    const waiting = hub.client.waitForTerminal(id, { ...RARELY, signal: hangUp.signal });
    await eventually(() => waitersOf(hub.backend).size === 1);
    hangUp.abort();

    expect(await within(waiting, 'the end of the wait')).toBeUndefined();
    const brief = { timeoutMs: 20, intervalMs: 5 };
    expect(await hub.client.waitForTerminal(id, brief)).toBeUndefined();
    expect(waitersOf(hub.backend).size).toBe(0);
  });

  it('is answered with what there is when the process stops', async () => {
    const hub = await startHub(createMemoryBackend());
    const id = await hub.client.start({ name: 'Wait', input: null });
    const waiting = hub.client.findStatusWhenEnded(id, { input: false }, RARELY);
    await eventually(() => waitersOf(hub.backend).size === 1);

    hub.client.stopWaiting();
    const late = hub.client.findStatusWhenEnded(id, { input: false }, RARELY);

    for (const answer of [waiting, late]) {
      expect((await within(answer, 'the answer'))?.runtimeStatus).toMatch(/Pending|Running/);
    }
    expect(waitersOf(hub.backend).size).toBe(0);
  });

  it('is told with all others who wait for the same instance', async () => {
    const slow = gate();
    const hub = await startHub(createMemoryBackend(), newApp(slow));
    const id = await hub.client.start({ name: 'Slow', input: null });

    const waiting = Array.from({ length: 50 }, () => hub.client.waitForTerminal(id, RARELY));
    await eventually(() => waitersOf(hub.backend).size === 50);
    slow.open();

    const records = await within(Promise.all(waiting), 'all outcomes');
    expect(new Set(records.map((record) => record?.output))).toEqual(new Set(['[4]']));
    expect(waitersOf(hub.backend).size).toBe(0);
  });

  it('looks at an instance that is not there once', async () => {
    const hub = await startHub(createMemoryBackend());

    const waiting = hub.client.waitForTerminal('nobody', RARELY);

    await expect(within(waiting, 'the answer')).rejects.toThrow(InstanceNotFoundError);
    expect(hub.reads('nobody')).toBe(1);
  });
});
