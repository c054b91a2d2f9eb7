/**
 * Two workers take the messages of the same instances in turn: what one of them has kept of an instance, the other has overtaken.
 * Messages that are given back come after ten minutes: nothing here may need that.
 */
import { overriding } from '../support/overriding.ts';
import { afterEach, describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import { toExecutionId, toInstanceId } from '../../src/core/ids.ts';
import type { TaskHubBackend } from '../../src/engine/backend.ts';
import { TaskHubClient } from '../../src/engine/task-hub-client.ts';
import { createTaskHubWorker, type TaskHubWorker } from '../../src/engine/task-hub-worker.ts';
import { createMemoryBackend } from '../../src/memory/memory-backend.ts';
import { MemoryStore } from '../../src/memory/memory-store.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { eventually } from '../support/eventually.ts';
import { activity, answered, event } from '../support/history.ts';
import { ScriptedInvoker, sequence } from '../support/scripted-invoker.ts';

const TEN_MINUTES_MS = 600_000;
const STEPS = 8;
const invoker = new ScriptedInvoker({
  orchestrators: {
    Chain: sequence(Array.from({ length: STEPS }, () => activity('Step'))),
    Collect: ({ history }) => {
      const names = history.flatMap((one) => (one.EventType === 'EventRaised' ? [one.Input] : []));
      const isDone = names.length === STEPS;
      return answered(
        Array.from({ length: Math.min(names.length + 1, STEPS) }, () => event('Next')),
        isDone ? { isDone, output: `[${names.join(',')}]` } : {},
      );
    },
  },
  activities: {
    Step: async () => {
      await new Promise((resolve) => setImmediate(resolve));
      return '1';
    },
  },
});

let ids = 0;
const ambient = { now: () => Date.now(), newId: () => String(ids++).padStart(32, 'a') };
const workers: TaskHubWorker[] = [];

/** So many workers on one hub, and what they ask of its histories. */
async function startWorkers(count: number) {
  const store = new MemoryStore({ redeliveryPauseMs: () => TEN_MINUTES_MS });
  const asked: string[] = [];
  const backends = Array.from({ length: count }, () =>
    counting(createMemoryBackend({ store }), asked),
  );
  for (const backend of backends) {
    const worker = createTaskHubWorker({
      backend,
      invoker,
      ambient,
      log: silentLogger,
      settings: {
        taskHub: 'Test',
        maxConcurrentActivities: 10,
        // So that they take turns, also at one instance when there is an odd number of them.
        maxConcurrentOrchestrations: 1,
        commitWindowMs: 0,
      },
    });
    workers.push(worker);
    await worker.start();
  }
  const [backend] = backends;
  if (backend === undefined) throw new Error('A hub needs a worker.');
  const client = new TaskHubClient({ backend, ambient, log: silentLogger, taskHub: 'Test' });
  return { backend, client, asked };
}

function counting(backend: TaskHubBackend, asked: string[]): TaskHubBackend {
  return overriding(backend, {
    loadHistory: (instanceId) => {
      asked.push('loadHistory');
      return backend.loadHistory(instanceId);
    },
    isCurrent: (instanceId, token) => {
      asked.push('isCurrent');
      return backend.isCurrent(instanceId, token);
    },
  });
}

async function ended(client: TaskHubClient, instanceId: string): Promise<string | null> {
  return eventually(async () => {
    const record = await client.findStatus(instanceId, { input: false });
    return record?.runtimeStatus === 'Completed' ? record.output : undefined;
  });
}

afterEach(async () => {
  await Promise.all(workers.splice(0).map((worker) => worker.stop()));
});

describe('two workers of one hub', () => {
  it('finish every chain', async () => {
    const { client, asked } = await startWorkers(2);
    const started = Array.from({ length: 7 }, () => client.start({ name: 'Chain', input: null }));

    for (const instanceId of await Promise.all(started)) {
      expect(await ended(client, instanceId)).toBe('[1,1,1,1,1,1,1,1]');
    }
    // Without that there was nothing to see.
    expect(asked).toContain('isCurrent');
  });

  it('keep events in order', async () => {
    const { client } = await startWorkers(2);
    const started = Array.from({ length: 7 }, () => client.start({ name: 'Collect', input: null }));
    const instanceIds = await Promise.all(started);

    for (let n = 0; n < STEPS; n++) {
      for (const instanceId of instanceIds) await client.raiseEvent(instanceId, 'Next', String(n));
      await new Promise((resolve) => setImmediate(resolve));
    }

    for (const instanceId of instanceIds) {
      expect(await ended(client, instanceId)).toBe('[0,1,2,3,4,5,6,7]');
    }
  });
});

describe('a worker that is alone', () => {
  it('asks nothing of the history of what it runs itself', async () => {
    const { client, asked } = await startWorkers(1);

    await ended(client, await client.start({ name: 'Chain', input: null }));

    expect(asked).toEqual([]);
  });

  it('asks once whether it is right to drop a message', async () => {
    const { client, backend, asked } = await startWorkers(1);
    const instanceId = await client.start({ name: 'Collect', input: null });
    const executionId = await eventually(async () => {
      const record = await client.findStatus(instanceId, { input: false });
      return record?.runtimeStatus === 'Running' ? record.executionId : undefined;
    });
    const stray: HistoryEvent = {
      EventType: 'TimerFired',
      EventId: -1,
      IsPlayed: false,
      Timestamp: '2026-01-01T00:00:00Z',
      TimerId: 7,
      FireAt: '2026-01-01T00:00:00Z',
    };

    await backend.sendMessage({
      event: stray,
      target: { instanceId: toInstanceId(instanceId), executionId: toExecutionId(executionId) },
      sender: { instanceId: '', executionId: '' },
    });
    await eventually(() => asked.length > 0);
    for (let n = 0; n < STEPS; n++) await client.raiseEvent(instanceId, 'Next', String(n));

    await ended(client, instanceId);
    expect(asked).toEqual(['isCurrent']);
  });
});
