/** Who is told that instances start and end: what, in which order, and once more after a crash only. */
import { afterEach, describe, expect, it } from 'vitest';
import type { LifecycleEvent } from '../../src/core/lifecycle/lifecycle-events.ts';
import type { TaskHubBackend } from '../../src/engine/backend.ts';
import type { LifecycleNotifications } from '../../src/engine/lifecycle-notifications.ts';
import { TaskHubClient } from '../../src/engine/task-hub-client.ts';
import { createTaskHubWorker, type TaskHubWorker } from '../../src/engine/task-hub-worker.ts';
import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import { createMemoryBackend } from '../../src/memory/memory-backend.ts';
import { MemoryStore } from '../../src/memory/memory-store.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { azureOptions } from '../azure-storage/azure-options.ts';
import { eventually } from '../support/eventually.ts';
import { failAt } from '../support/failing-backend.ts';
import { activity, answered, event, threw } from '../support/history.ts';
import { resultsOf, ScriptedInvoker, sequence } from '../support/scripted-invoker.ts';

let nextId = 0;
const ambient = { now: () => Date.now(), newId: () => String(nextId++).padStart(32, 'a') };
const cleanUps: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

const APP = {
  orchestrators: {
    Chain: sequence([activity('A'), activity('A')]),
    Fails: () => threw([], 'the cause'),
    Waits: () => answered([event('Go')]),
    Countdown: ({
      input,
      history,
    }: {
      input: string | null;
      history: Parameters<typeof resultsOf>[0];
    }) => {
      if (resultsOf(history).size === 0) return answered([activity('A')]);
      return Number(input) === 0
        ? answered([activity('A')], { isDone: true, output: '"over"' })
        : answered([activity('A'), { kind: 'continueAsNew', input: Number(input) - 1 }], {
            isDone: true,
          });
    },
  },
  activities: { A: () => '"a"' },
  entities: {
    counter: ({ state }: { state: string | null }) => ({
      kind: 'ran' as const,
      exists: true,
      state: String(Number(state ?? 0) + 1),
      results: [{ isError: false, result: null }],
      signals: [],
    }),
  },
};

class Told implements LifecycleNotifications {
  readonly events: LifecycleEvent[] = [];
  /** What publish answers. */
  isDone = true;

  publish(events: readonly LifecycleEvent[]): Promise<boolean> {
    this.events.push(...events);
    return Promise.resolve(this.isDone);
  }

  stop(): Promise<void> {
    return Promise.resolve();
  }

  of(instanceId: string): string[] {
    return this.events.filter((each) => each.instanceId === instanceId).map(({ status }) => status);
  }
}

interface Hub {
  readonly client: TaskHubClient;
  readonly worker: TaskHubWorker;
  readonly told: Told;
}

async function startHub(
  backend: TaskHubBackend,
  settings: { sessionCacheBytes?: number; commitWindowMs?: number } = {},
): Promise<Hub> {
  const told = new Told();
  const worker = createTaskHubWorker({
    backend,
    invoker: new ScriptedInvoker(APP),
    ambient,
    log: silentLogger,
    notifications: told,
    settings: {
      taskHub: 'Test',
      maxConcurrentActivities: 10,
      maxConcurrentOrchestrations: 10,
      ...settings,
    },
  });
  await backend.createHub();
  await worker.start();
  cleanUps.push(() => worker.stop());
  const client = new TaskHubClient({ backend, ambient, log: silentLogger, taskHub: 'Test' });
  return { client, worker, told };
}

async function ended({ client }: Hub, instanceId: string): Promise<void> {
  await client.waitForTerminal(instanceId, { timeoutMs: 10_000, intervalMs: 5 });
}

describe.each([
  { name: 'with commit window and session cache', settings: {} },
  { name: 'without either', settings: { commitWindowMs: 0, sessionCacheBytes: 0 } },
])('lifecycle events $name', ({ settings }) => {
  it('tell once that an instance started and completed, however often it replays', async () => {
    const hub = await startHub(createMemoryBackend(), settings);
    const id = await hub.client.start({ name: 'Chain', input: null });
    await ended(hub, id);

    await eventually(() => hub.told.events.length >= 2);
    expect(hub.told.events).toMatchObject([
      { instanceId: id, functionName: 'Chain', status: 'Running', reason: '' },
      { instanceId: id, functionName: 'Chain', status: 'Completed', reason: '' },
    ]);
  });

  it('tell of a failure with its details', async () => {
    const hub = await startHub(createMemoryBackend(), settings);
    const id = await hub.client.start({ name: 'Fails', input: null });
    await ended(hub, id);

    await eventually(() => hub.told.events.length >= 2);
    expect(hub.told.events[1]).toMatchObject({
      status: 'Failed',
      reason: 'Message: the cause, StackTrace: ',
    });
  });

  it('tell of a termination with its reason, and of a second one nothing', async () => {
    const hub = await startHub(createMemoryBackend(), settings);
    const id = await hub.client.start({ name: 'Waits', input: null });
    await eventually(() => hub.told.of(id).includes('Running'));
    await hub.client.terminate(id, 'enough');
    await ended(hub, id);
    await hub.client.terminate(id, 'again').catch(() => undefined);

    await eventually(() => hub.told.of(id).includes('Terminated'));
    expect(hub.told.of(id)).toEqual(['Running', 'Terminated']);
    expect(hub.told.events[1]?.reason).toBe('enough');
  });

  it('tell of a termination before the instance ran', async () => {
    const hub = await startHub(createMemoryBackend(), settings);
    const later = new Date(Date.now() + 3_600_000).toISOString();
    const id = await hub.client.start({ name: 'Chain', input: null, scheduledStartTime: later });
    await hub.client.terminate(id, 'changed my mind');
    await ended(hub, id);

    await eventually(() => hub.told.events.length >= 1);
    expect(hub.told.events).toMatchObject([
      { functionName: 'Chain', status: 'Terminated', reason: 'changed my mind' },
    ]);
  });

  it('tell of each generation of an instance that continues as new', async () => {
    const hub = await startHub(createMemoryBackend(), settings);
    const id = await hub.client.start({ name: 'Countdown', input: '2' });
    await ended(hub, id);

    await eventually(() => hub.told.events.length >= 6);
    const pair = ['Running', 'Completed'];
    expect(hub.told.of(id)).toEqual([...pair, ...pair, ...pair]);
    expect(new Set(hub.told.events.map(({ key }) => key)).size).toBe(6);
  });

  it('tell of the first start of an entity, and of no other', async () => {
    const hub = await startHub(createMemoryBackend(), settings);
    await hub.client.entities.signal('counter', 'k', 'add', null);
    await eventually(() => hub.told.events.length >= 1);
    await hub.client.entities.signal('counter', 'k', 'add', null);

    await eventually(async () => (await hub.client.entities.readState('counter', 'k')) === '2');
    expect(hub.told.events).toMatchObject([{ functionName: 'counter', status: 'Running' }]);
  });
});

const HUBS: readonly { name: string; open: () => () => TaskHubBackend }[] = [
  {
    name: 'memory',
    open: () => {
      const store = new MemoryStore({ redeliveryPauseMs: () => 5 });
      return () => createMemoryBackend({ store });
    },
  },
  {
    name: 'Azure Storage',
    open: () => {
      const options = azureOptions({ partitionCount: 1 });
      return () => createAzureStorageBackend(options);
    },
  },
];

describe.each(HUBS)('lifecycle events on $name', ({ open }) => {
  it('are told by the next host when this one stops before it could', async () => {
    const connect = open();
    const first = await startHub(connect());
    first.told.isDone = false;
    const id = await first.client.start({ name: 'Chain', input: null });
    await ended(first, id);
    await first.worker.stop();
    const second = await startHub(connect());

    await eventually(() => second.told.of(id).length >= 2);
    expect(second.told.of(id)).toEqual(['Running', 'Completed']);
    expect(second.told.events.map(({ key }) => key).sort()).toEqual(
      first.told.events
        .slice(0, 2)
        .map(({ key }) => key)
        .sort(),
    );
  });

  it('are told when the commit was written, but its answer was lost', async () => {
    const hub = await startHub(
      failAt(open()(), ['commitOrchestration'], { write: 1, fault: 'after' }),
    );
    const id = await hub.client.start({ name: 'Fails', input: null });
    await ended(hub, id);

    await eventually(() => hub.told.of(id).length >= 2);
    expect(hub.told.of(id)).toEqual(['Running', 'Failed']);
  });
});
