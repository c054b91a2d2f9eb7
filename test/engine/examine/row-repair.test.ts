/** A crash came between history and status row: the next message, or the reconciler's walk, puts the row right. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { createAzureStorageBackend } from '../../../src/azure-storage/azure-storage-backend.ts';
import { CorruptMessageError } from '../../../src/core/errors.ts';
import type { HistoryEvent } from '../../../src/core/history-event.ts';
import { toInstanceId } from '../../../src/core/ids.ts';
import type { InstancePatch } from '../../../src/core/instance-status.ts';
import { terminateMessage } from '../../../src/core/lifecycle/control-messages.ts';
import type { TaskHubBackend } from '../../../src/engine/backend.ts';
import { StatusReconciler } from '../../../src/engine/examine/status-reconciler.ts';
import { silentLogger } from '../../../src/telemetry/log.ts';
import { azureOptions } from '../../azure-storage/azure-options.ts';
import { eventually } from '../../support/eventually.ts';
import { breakIt, LIFECYCLE_APP } from '../../support/lifecycle-app.ts';
import { withLostRows } from '../../support/lost-rows.ts';
import { overriding } from '../../support/overriding.ts';
import { loadSdkApp, type SdkApp } from '../../support/sdk-app.ts';
import { SdkHub } from '../../support/sdk-hub.ts';

const MINUTE_MS = 60_000;
const OTHER = { key: 'other' };
const isStart = ({ EventType }: HistoryEvent) => EventType === 'ExecutionStarted';
const LONG = 'x'.repeat(100_000);
let app: SdkApp;
const running: { hub: SdkHub; backend: TaskHubBackend }[] = [];

beforeAll(async () => {
  app = await loadSdkApp('3.5.0', LIFECYCLE_APP);
});
afterAll(async () => {
  await app.dispose();
});
afterEach(async () => {
  for (const { hub, backend } of running.splice(0)) {
    await hub.worker.stop();
    await backend.deleteHub();
  }
});

const BACKENDS: readonly { name: string; open: (memory: TaskHubBackend) => TaskHubBackend }[] = [
  { name: 'memory', open: (memory) => memory },
  { name: 'Azure Storage', open: () => createAzureStorageBackend(azureOptions()) },
];

describe.each(BACKENDS)('a lost status row on $name', ({ open }) => {
  async function startHub(
    isLost: (id: string, patch: InstancePatch) => boolean,
    settings: { commitWindowMs?: number } = { commitWindowMs: 0 },
  ): Promise<SdkHub> {
    const hub = new SdkHub(app.invoker, settings, (memory) => withLostRows(open(memory), isLost));
    running.push({ hub, backend: hub.backend });
    await hub.backend.createHub();
    await hub.worker.start();
    return hub;
  }

  async function over(hub: SdkHub, instanceId: string): Promise<void> {
    await hub.history(instanceId, (history) =>
      history.some(({ EventType }) => EventType === 'ExecutionCompleted'),
    );
  }

  /** Any message does: here one that terminates. */
  async function touch(hub: SdkHub, instanceId: string): Promise<void> {
    const now = new Date().toISOString();
    await hub.backend.sendMessage(terminateMessage(toInstanceId(instanceId), 'late', now));
  }

  const isFinal = (_id: string, { completedTime }: InstancePatch) => completedTime !== undefined;
  const CASES = [
    { what: 'Pending', orchestrator: 'Echo', input: 'short', output: '"short"', lost: () => true },
    {
      what: 'Running',
      orchestrator: 'One',
      input: { key: 'k' },
      output: '"Hello, k"',
      lost: isFinal,
    },
    {
      what: 'of a large output',
      orchestrator: 'Echo',
      input: LONG,
      output: `"${LONG}"`,
      lost: isFinal,
    },
    {
      what: 'of a failure',
      orchestrator: 'Throws',
      input: { key: 'broken' },
      output: /not yet mended/,
      lost: isFinal,
    },
  ];

  it.each(CASES)('($what) is put right by the next message', async ({ lost, ...given }) => {
    breakIt('broken');
    const hub = await startHub(lost);
    const id = await hub.start(given.orchestrator, given.input);
    await over(hub, id);
    const before = await hub.client.findStatus(id, { input: true });
    expect(before?.runtimeStatus).toMatch(/Pending|Running/);

    await touch(hub, id);

    const record = await hub.ended(id);
    expect(record.runtimeStatus).toBe(given.orchestrator === 'Throws' ? 'Failed' : 'Completed');
    if (typeof given.output === 'string') expect(record.output).toBe(given.output);
    else expect(record.output).toMatch(given.output);
    expect(await hub.client.findStatus(id, { input: true })).toMatchObject({
      input: before?.input,
      name: given.orchestrator,
      createdTime: before?.createdTime,
    });
  });

  it('of a terminated instance is put right by the next message', async () => {
    const hub = await startHub(isFinal);
    const id = await hub.start('WaitForEvent');
    await hub.history(id, (history) => history.length > 0);
    await hub.client.terminate(id, 'enough');
    await over(hub, id);

    await touch(hub, id);

    expect(await hub.ended(id)).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough' });
  });

  it('R-06 that a stalled worker wrote after the last one is put right by the next message', async () => {
    let late: InstancePatch | undefined;
    const hub = await startHub((_id, patch) => {
      late ??= patch;
      return patch === late;
    });
    const id = await hub.start('One', { key: 'stalled' });
    const { createdTime } = await hub.ended(id);
    await hub.backend.repairInstance({ instanceId: toInstanceId(id), instance: late });
    expect((await hub.client.findStatus(id, { input: false }))?.runtimeStatus).toBe('Running');

    await touch(hub, id);

    expect(await hub.ended(id)).toMatchObject({
      runtimeStatus: 'Completed',
      output: '"Hello, stalled"',
      createdTime,
    });
  });

  it('that was never written at all is written by the next message', async () => {
    const hub = await startHub((id) => id === 'the-child');
    const input = { child: 'Echo', childId: 'the-child', input: 'hi' };
    await hub.ended(await hub.start('Parent', input));
    expect(await hub.client.findStatus('the-child', { input: true })).toBeUndefined();

    await touch(hub, 'the-child');

    expect(await hub.ended('the-child')).toMatchObject({ output: '"hi"', name: 'Echo' });
    expect(await hub.client.findStatus('the-child', { input: true })).toMatchObject({
      input: '"hi"',
    });
  });

  it('that was lost while the instance ran is written whole by its next change', async () => {
    const lost = (id: string, patch: InstancePatch) => id === 'the-child' && !isFinal(id, patch);
    const hub = await startHub(lost);
    await hub.ended(
      await hub.start('Parent', { child: 'One', childId: 'the-child', input: OTHER }),
    );
    // A parent may end before the row of the child is written: its answer leaves first.
    await hub.ended('the-child');

    const record = await hub.client.findStatus('the-child', { input: true });
    const started = (await hub.client.readHistory('the-child')).find(isStart);

    expect(record).toMatchObject({ name: 'One', input: JSON.stringify(OTHER) });
    expect(record).toMatchObject({ runtimeStatus: 'Completed', output: '"Hello, other"' });
    expect(Date.parse(record?.createdTime ?? '')).toBe(Date.parse(started?.Timestamp ?? ''));
  });

  it('is found by the reconciler once it is five minutes old, and no other row is touched', async () => {
    const hub = await startHub((id, patch) => id === 'over' && isFinal(id, patch));
    await hub.start('WaitForEvent', null, 'alive');
    await hub.history('alive', (history) => history.length > 0);
    await hub.start('One', { key: 'reconciled' }, 'over');
    await over(hub, 'over');
    const alive = await eventually(() => hub.client.findStatus('alive', { input: true }));
    const walk = new ScriptedWalk(hub);

    await walk.page();
    expect((await hub.client.findStatus('over', { input: false }))?.runtimeStatus).toBe('Running');

    walk.nowMs += 6 * MINUTE_MS;
    await walk.page();
    expect(await hub.client.findStatus('over', { input: false })).toMatchObject({
      runtimeStatus: 'Completed',
      output: '"Hello, reconciled"',
    });
    expect(await hub.client.findStatus('alive', { input: true })).toEqual(alive);
    await walk.stop();
  });

  it('that says Pending over a history that runs is put right by the reconciler', async () => {
    const hub = await startHub(() => true);
    await hub.start('WaitForEvent', 'in', 'waiting');
    await hub.history('waiting', (history) => history.length > 0);
    const before = await hub.client.findStatus('waiting', { input: true });
    const walk = new ScriptedWalk(hub);
    walk.nowMs += 6 * MINUTE_MS;

    await walk.page();

    expect(before?.runtimeStatus).toBe('Pending');
    const { createdTime, input, name } = before ?? {};
    expect(await hub.client.findStatus('waiting', { input: true })).toMatchObject({
      runtimeStatus: 'Running',
      ...{ createdTime, input, name },
    });
    await walk.stop();
  });

  it('that changes while the reconciler reads the history is left alone', async () => {
    const hub = await startHub((_id, { completedTime }) => completedTime === undefined);
    await hub.start('WaitForEvent', 'in', 'ending');
    await hub.history('ending', (history) => history.length > 0);
    const readHistory: TaskHubBackend['readHistory'] = async (instanceId) => {
      const history = await hub.backend.readHistory(instanceId);
      await hub.client.terminate('ending', 'meanwhile');
      await hub.ended('ending');
      return history;
    };
    const walk = new ScriptedWalk({ backend: overriding(hub.backend, { readHistory }) });
    walk.nowMs += 6 * MINUTE_MS;

    await walk.page();

    expect((await hub.ended('ending')).runtimeStatus).toBe('Terminated');
    await walk.stop();
  });
});

describe('the reconciler', () => {
  it('pauses a minute before each page of twenty, and ten minutes after the last', async () => {
    const hub = new SdkHub(app.invoker);
    for (let n = 0; n < 45; n++) await hub.start('Echo', n);
    const walk = new ScriptedWalk(hub);

    for (let n = 0; n < 4; n++) await walk.page();

    expect(walk.pausesMs.map((ms) => ms / MINUTE_MS)).toEqual([1, 1, 1, 10, 1]);
    await walk.stop();
  });

  it('begins anew after a page that failed', async () => {
    const hub = new SdkHub(app.invoker);
    const pages = failingOnce(hub.backend);
    const walk = new ScriptedWalk({ backend: pages.backend });

    await walk.page();
    await walk.page();

    expect(walk.pausesMs.map((ms) => ms / MINUTE_MS)).toEqual([1, 10, 10]);
    expect(pages.asked()).toBe(2);
    await walk.stop();
  });

  it('goes on after an instance whose history cannot be read', async () => {
    const hub = new SdkHub(app.invoker);
    for (const instanceId of ['bad', 'good']) await hub.start('Echo', 1, instanceId);
    const read: string[] = [];
    const readHistory: TaskHubBackend['readHistory'] = (instanceId) => {
      read.push(instanceId);
      return Promise.reject(new CorruptMessageError('no event'));
    };
    const walk = new ScriptedWalk({ backend: overriding(hub.backend, { readHistory }) });
    walk.nowMs += 6 * MINUTE_MS;

    await walk.page();

    expect(read).toEqual(['bad', 'good']);
    await walk.stop();
  });

  it('stops at once while it pauses', async () => {
    const { backend } = new SdkHub(app.invoker);
    const ambient = { now: () => 0, newId: () => '' };
    const reconciler = new StatusReconciler({ backend, ambient, log: silentLogger, taskHub: 'T' });
    reconciler.start();

    await expect(reconciler.stop()).resolves.toBeUndefined();
  });
});

/** A reconciler whose pauses end when the test says so. */
class ScriptedWalk {
  nowMs = Date.now();
  readonly pausesMs: number[] = [];
  readonly #reconciler: StatusReconciler;
  #proceed: () => void = () => undefined;

  constructor({ backend }: Pick<SdkHub, 'backend'>) {
    this.#reconciler = new StatusReconciler({
      backend,
      ambient: { now: () => this.nowMs, newId: () => '' },
      log: silentLogger,
      taskHub: 'Test',
      wait: async (ms, signal) => {
        this.pausesMs.push(ms);
        await new Promise<void>((resolve) => {
          this.#proceed = resolve;
          signal.addEventListener('abort', () => {
            resolve();
          });
        });
      },
    });
    this.#reconciler.start();
  }

  /** Resolves when the page is done. */
  async page(): Promise<void> {
    const before = this.pausesMs.length;
    this.#proceed();
    await eventually(() => this.pausesMs.length > before);
  }

  async stop(): Promise<void> {
    await this.#reconciler.stop();
  }
}

function failingOnce(backend: TaskHubBackend) {
  let asked = 0;
  const listInstances: TaskHubBackend['listInstances'] = (query) =>
    asked++ === 0 ? Promise.reject(new Error('down')) : backend.listInstances(query);
  return { backend: overriding(backend, { listInstances }), asked: () => asked };
}
