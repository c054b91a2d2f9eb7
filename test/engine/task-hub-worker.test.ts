import { afterEach, describe, expect, it } from 'vitest';
import { createMemoryBackend } from '../../src/memory/memory-backend.ts';
import { MemoryStore } from '../../src/memory/memory-store.ts';
import type { TaskHubBackend } from '../../src/engine/backend.ts';
import { TaskHubClient } from '../../src/engine/task-hub-client.ts';
import { createTaskHubWorker, type TaskHubWorker } from '../../src/engine/task-hub-worker.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { activity, answered, event, timer } from '../support/history.ts';
import {
  fanOut,
  resultsOf,
  ScriptedInvoker,
  sequence,
  type ScriptedApp,
} from '../support/scripted-invoker.ts';

let nextId = 0;
const ambient = { now: () => Date.now(), newId: () => String(nextId++).padStart(32, 'a') };
const workers: TaskHubWorker[] = [];

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
});

interface Hub {
  readonly client: TaskHubClient;
  readonly invoker: ScriptedInvoker;
  readonly backend: TaskHubBackend;
  readonly worker: TaskHubWorker;
  output(instanceId: string): Promise<string | null | undefined>;
}

async function startHub(
  app: ScriptedApp,
  settings: {
    commitWindowMs?: number;
    sessionCacheBytes?: number;
    maxConcurrentActivities?: number;
  } = {},
  store?: MemoryStore,
): Promise<Hub> {
  const backend = createMemoryBackend(store ? { store } : {});
  const invoker = new ScriptedInvoker(app);
  const worker = createTaskHubWorker({
    backend,
    invoker,
    ambient,
    log: silentLogger,
    settings: {
      taskHub: 'Test',
      maxConcurrentActivities: 10,
      maxConcurrentOrchestrations: 10,
      ...settings,
    },
  });
  workers.push(worker);
  await worker.start();
  const client = new TaskHubClient({ backend, ambient, log: silentLogger, taskHub: 'Test' });
  return {
    client,
    invoker,
    backend,
    worker,
    output: async (instanceId) => {
      const record = await client.waitForTerminal(instanceId, { timeoutMs: 5000, intervalMs: 5 });
      return record?.output;
    },
  };
}

const steps = [activity('A'), activity('B'), activity('C')];
const say = { A: () => '"a"', B: () => '"b"', C: () => '"c"' };
const app: ScriptedApp = {
  orchestrators: {
    Chain: sequence(steps),
    Fan: fanOut(Array.from({ length: 50 }, () => activity('A'))),
    Wait: ({ history }) => {
      const raised = history.find(({ EventType }) => EventType === 'EventRaised');
      return raised?.EventType === 'EventRaised'
        ? answered([event('Go')], { isDone: true, output: raised.Input ?? 'null' })
        : answered([event('Go')], { customStatus: '"waiting"' });
    },
    Parent: ({ history }) => {
      const child = {
        kind: 'callSubOrchestrator',
        functionName: 'Chain',
        instanceId: null,
        input: undefined,
        version: null,
      } as const;
      const done = history.find(
        ({ EventType }) => EventType === 'SubOrchestrationInstanceCompleted',
      );
      return done?.EventType === 'SubOrchestrationInstanceCompleted'
        ? answered([child], { isDone: true, output: done.Result ?? 'null' })
        : answered([child]);
    },
    Countdown: ({ history, input }) => {
      const n = Number(input);
      if (resultsOf(history).size === 0) return answered([activity('A')]);
      return n === 0
        ? answered([activity('A')], { isDone: true, output: '"over"' })
        : answered([activity('A'), { kind: 'continueAsNew', input: n - 1 }], { isDone: true });
    },
    Spin: ({ input }) =>
      Number(input) === 0
        ? answered([], { isDone: true, output: '"spun"' })
        : answered([{ kind: 'continueAsNew', input: Number(input) - 1 }], { isDone: true }),
    Past: ({ history }) => {
      const past = { ...timer(0), fireAt: '2020-01-01T00:00:00.000Z' };
      return history.some(({ EventType }) => EventType === 'TimerFired')
        ? answered([past], { isDone: true, output: '"fired"' })
        : answered([past]);
    },
  },
  activities: say,
};

describe.each([
  { name: 'with commit window and session cache', settings: {} },
  { name: 'without commit window', settings: { commitWindowMs: 0 } },
  { name: 'without session cache', settings: { sessionCacheBytes: 0 } },
  { name: 'without either', settings: { commitWindowMs: 0, sessionCacheBytes: 0 } },
  { name: 'with one activity at a time', settings: { maxConcurrentActivities: 1 } },
])('the worker $name', ({ settings }) => {
  it('runs a chain of activities, each once', async () => {
    const hub = await startHub(app, settings);
    const id = await hub.client.start({ name: 'Chain', input: null });

    expect(await hub.output(id)).toBe('["a","b","c"]');
    expect(hub.invoker.activityRuns).toEqual(['A', 'B', 'C']);
  });

  it('runs a fan-out of more activities than slots, each once', async () => {
    const hub = await startHub(app, settings);
    const id = await hub.client.start({ name: 'Fan', input: null });

    expect(await hub.output(id)).toBe('50');
    expect(hub.invoker.activityRuns).toHaveLength(50);
  });

  it('runs a sub-orchestration and gives its result to the parent', async () => {
    const hub = await startHub(app, settings);
    const id = await hub.client.start({ name: 'Parent', input: null });

    expect(await hub.output(id)).toBe('["a","b","c"]');
  });

  it('continues as new until the end, and keeps only the last generation', async () => {
    const hub = await startHub(app, settings);
    const id = await hub.client.start({ name: 'Countdown', input: '5' });

    expect(await hub.output(id)).toBe('"over"');
    const history = await hub.client.readHistory(id);
    expect(history.filter(({ EventType }) => EventType === 'TaskScheduled')).toHaveLength(1);
  });

  it('lets hundreds of generations without a pause come to their end', async () => {
    const hub = await startHub(app, settings);
    const id = await hub.client.start({ name: 'Spin', input: '300' });

    expect(await hub.output(id)).toBe('"spun"');
  });

  it('fires a timer whose time is past', async () => {
    const hub = await startHub(app, settings);
    const id = await hub.client.start({ name: 'Past', input: null });

    expect(await hub.output(id)).toBe('"fired"');
  });
});

describe('clients', () => {
  it('raise an event to an instance that waits for it', async () => {
    const hub = await startHub(app);
    await hub.client.start({ name: 'Wait', instanceId: 'w', input: null });

    await hub.client.raiseEvent('w', 'go', '{"x":1}');

    expect(await hub.output('w')).toBe('{"x":1}');
  });

  it('terminate an instance with a reason', async () => {
    const hub = await startHub(app);
    await hub.client.start({ name: 'Wait', instanceId: 'w', input: null });

    await hub.client.terminate('w', 'enough');

    const record = await hub.client.waitForTerminal('w', { timeoutMs: 5000, intervalMs: 5 });
    expect(record).toMatchObject({ runtimeStatus: 'Terminated', output: 'enough' });
  });

  it('suspend an instance, whose events wait until it is resumed', async () => {
    const hub = await startHub(app);
    await hub.client.start({ name: 'Wait', instanceId: 'w', input: null });
    await hub.client.suspend('w', 'pause');
    await expect
      .poll(async () => (await hub.client.findStatus('w', { input: false }))?.runtimeStatus)
      .toBe('Suspended');

    await hub.client.raiseEvent('w', 'Go', '1');
    await hub.client.resume('w', 'on');

    expect(await hub.output('w')).toBe('1');
  });

  it('see an unknown orchestrator fail with the names of those there are', async () => {
    const hub = await startHub({ orchestrators: { Known: () => answered([]) } });
    const id = await hub.client.start({ name: 'Nope', input: null });

    expect(await hub.output(id)).toBe(
      "Orchestrator function 'Nope' failed: The function 'Nope' doesn't exist, is disabled, or is not an orchestrator function. Additional info: The following are the known orchestrator functions: 'Known'.",
    );
  });

  it('are refused a second instance under the id of a running one', async () => {
    const hub = await startHub(app);
    await hub.client.start({ name: 'Wait', instanceId: 'w', input: null });

    await expect(hub.client.start({ name: 'Wait', instanceId: 'w', input: null })).rejects.toThrow(
      /An Orchestration instance with the status (Running|Pending) already exists\./,
    );
  });

  it('start over a finished instance, whose history begins anew', async () => {
    const hub = await startHub(app);
    await hub.client.start({ name: 'Chain', instanceId: 'c', input: null });
    await hub.output('c');
    await hub.client.start({ name: 'Chain', instanceId: 'c', input: null });

    expect(await hub.output('c')).toBe('["a","b","c"]');
    const record = await hub.client.findStatus('c', { input: false });
    expect(record?.generation).toBe(1);
  });

  it('signal an entity, read its state, and purge it', async () => {
    const hub = await startHub({
      entities: {
        counter: ({ state, operations }) => ({
          kind: 'ran',
          exists: true,
          state: String(Number(state ?? 0) + operations.length),
          results: operations.map(() => ({ isError: false, result: null })),
          signals: [],
        }),
      },
    });
    for (let i = 0; i < 20; i++) await hub.client.entities.signal('Counter', 'k', 'add', '1');

    await expect.poll(() => hub.client.entities.readState('counter', 'k')).toBe('20');
    expect(await hub.client.purge('@counter@k')).toBe(1);
    expect(await hub.client.entities.readState('counter', 'k')).toBeUndefined();
  });
});

describe('a worker that stops', () => {
  it('leaves what waits to the next one, which finishes it', async () => {
    const store = new MemoryStore({});
    const first = await startHub(app, {}, store);
    await first.client.start({ name: 'Wait', instanceId: 'w', input: null });
    await expect
      .poll(async () => (await first.client.findStatus('w', { input: false }))?.customStatus)
      .toBe('"waiting"');
    await first.worker.stop();

    const second = await startHub(app, {}, store);
    await second.client.raiseEvent('w', 'Go', '2');

    expect(await second.output('w')).toBe('2');
  });
});
