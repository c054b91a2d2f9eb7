/** What the engine does with entities whatever their code: failures, long queues, states that cannot be read, lost answers. */
import { afterEach, describe, expect, it } from 'vitest';
import type { TaskHubBackend } from '../../../src/engine/backend.ts';
import type { EntityInvocation, EntityOutcome } from '../../../src/engine/function-invoker.ts';
import { BackendUnavailableError } from '../../../src/core/errors.ts';
import { toInstanceId } from '../../../src/core/ids.ts';
import { entityCommit } from '../../../src/core/entity/decide-entity.ts';
import { decodeSchedulerState } from '../../../src/core/entity/scheduler-state.ts';
import { prometheusText } from '../../../src/telemetry/prometheus-text.ts';
import { eventually } from '../../support/eventually.ts';
import { answered } from '../../support/history.ts';
import { ScriptedInvoker, type ScriptedApp } from '../../support/scripted-invoker.ts';
import { overriding } from '../../support/overriding.ts';
import { SdkHub } from '../../support/sdk-hub.ts';

const hubs: SdkHub[] = [];

afterEach(async () => {
  await Promise.all(hubs.splice(0).map((hub) => hub.worker.stop()));
});

async function startHub(
  app: ScriptedApp,
  settings: ConstructorParameters<typeof SdkHub>[1] = {},
  decorate?: (backend: TaskHubBackend) => TaskHubBackend,
): Promise<SdkHub> {
  const hub = new SdkHub(new ScriptedInvoker(app), settings, decorate);
  hubs.push(hub);
  await hub.worker.start();
  return hub;
}

/** Counts its operations; fails whole when one of them is `crash`. */
function counter({ state, operations }: EntityInvocation): EntityOutcome {
  if (operations.some(({ name }) => name === 'crash'))
    return { kind: 'failed', message: 'crashed' };
  const count = Number(state ?? 0) + operations.length;
  const results = operations.map(() => ({ isError: false, result: String(count) }));
  return { kind: 'ran', exists: true, state: String(count), results, signals: [] };
}

/** Calls one operation of `@counter@k` and returns the text of the answer. */
const CALLER: ScriptedApp['orchestrators'] = {
  Call: ({ history, input }) => {
    const operation = JSON.parse(input ?? '""') as string;
    const call = {
      kind: 'callEntity',
      entityId: '@counter@k',
      operation,
      input: undefined,
    } as const;
    const raised = history.find(({ EventType }) => EventType === 'EventRaised');
    return raised?.EventType === 'EventRaised'
      ? answered([call], { isDone: true, output: raised.Input ?? 'null' })
      : answered([call]);
  },
};

const state = (hub: SdkHub) => hub.client.entities.readState('counter', 'k');

/** Puts a hub together by hand, as another program would have left it. */
async function store(hub: SdkHub, input: string): Promise<void> {
  const instanceId = toInstanceId('@counter@k');
  await hub.client.entities.signal('counter', 'k', 'seed', null);
  const item = await hub.backend.nextOrchestration(new AbortController().signal);
  if (!item) throw new Error('no work item');
  const context = { instanceId, executionId: null, nowMs: Date.now(), newId: () => 'seeded' };
  const commit = entityCommit(decodeSchedulerState(null, 0), [], context);
  const newEvents = commit.newEvents.map((event) =>
    event.EventType === 'ExecutionStarted' ? { ...event, Input: input } : event,
  );
  await hub.backend.commitOrchestration(item, {
    token: undefined,
    commit: { ...commit, newEvents },
    consumed: item.messages,
    deferred: [],
    runHere: [],
  });
}

describe('the function of an entity', () => {
  it('that fails outside its operations fails each of them, and the entity goes on', async () => {
    const hub = await startHub({ orchestrators: CALLER, entities: { counter } });

    expect(await hub.run('Call', 'add')).toEqual({ result: '1' });
    expect(await hub.run('Call', 'crash')).toEqual({ result: '"crashed"', exceptionType: 'Error' });
    expect(await hub.run('Call', 'add')).toEqual({ result: '2' });
  });

  it('is counted and measured, with what becomes of its operations', async () => {
    const hub = await startHub({ orchestrators: CALLER, entities: { counter } });
    await hub.run('Call', 'add');
    await hub.run('Call', 'crash');

    const lines = prometheusText(hub.metrics.all).split('\n');
    expect(lines.filter((line) => /^durabletask_entity_\w+(total|count)\{/.test(line))).toEqual([
      'durabletask_entity_operations_total{name="counter",result="completed"} 1',
      'durabletask_entity_operations_total{name="counter",result="failed"} 1',
      'durabletask_entity_seconds_count{name="counter",result="completed"} 1',
      'durabletask_entity_seconds_count{name="counter",result="failed"} 1',
    ]);
  });

  it('that is gone is named to those who call it all the same', async () => {
    const hub = await startHub({ entities: { other: counter } });
    await hub.client.entities.signal('counter', 'k', 'add', null);

    const record = await eventually(() => hub.records.find(({ eventId }) => eventId === 206));

    expect(record.message).toMatch(/The function 'counter' doesn't exist, is disabled/);
    expect(await state(hub)).toBeUndefined();
  });
});

describe('a long queue', () => {
  it('runs in batches of the configured size when failures are not undone', async () => {
    const sizes: number[] = [];
    const measured = (invocation: EntityInvocation): EntityOutcome => {
      sizes.push(invocation.operations.length);
      return counter(invocation);
    };
    const hub = new SdkHub(new ScriptedInvoker({ entities: { counter: measured } }), {
      maxEntityOperationBatchSize: 10,
      rollbackEntityOperations: false,
    });
    hubs.push(hub);
    for (let n = 0; n < 25; n++) await hub.client.entities.signal('counter', 'k', 'add', null);
    await hub.worker.start();

    await eventually(async () => (await state(hub)) === '25');
    expect(sizes).toEqual([10, 10, 5]);
  });

  it.each([true, false])(
    'with an operation that takes longer than a turn, and than it may, runs the others (undoing failures: %s)',
    async (rollbackEntityOperations) => {
      const limited = (invocation: EntityInvocation): EntityOutcome => {
        if (!invocation.operations.some(({ name }) => name === 'hang')) return counter(invocation);
        hub.clock.skip(2000);
        return { kind: 'failed', message: 'took too long', mayPassOneByOne: true };
      };
      const app = new ScriptedInvoker({ entities: { counter: limited } });
      const hub = new SdkHub(app, { rollbackEntityOperations });
      hubs.push(hub);
      for (const name of ['add', 'hang', 'add', 'add'])
        await hub.client.entities.signal('counter', 'k', name, null);

      await hub.worker.start();

      await eventually(async () => (await state(hub)) === '3');
    },
  );

  it('is worked off in several turns, so that others get theirs', async () => {
    const order: string[] = [];
    const hub: SdkHub = new SdkHub(
      new ScriptedInvoker({
        entities: {
          counter: (invocation) => {
            order.push(invocation.entityKey);
            if (invocation.entityKey === 'k') hub.clock.skip(2000);
            return counter(invocation);
          },
        },
      }),
      { maxEntityOperationBatchSize: 1, maxConcurrentOrchestrations: 1 },
    );
    hubs.push(hub);
    for (let n = 0; n < 4; n++) await hub.client.entities.signal('counter', 'k', 'add', null);
    await hub.client.entities.signal('counter', 'other', 'add', null);
    await hub.worker.start();

    await eventually(async () => (await state(hub)) === '4' && order.length === 5);
    expect(order).toEqual(['k', 'other', 'k', 'k', 'k']);
  });
});

describe('a stored state that cannot be read', () => {
  it('is told to callers, while signals wait for its repair', async () => {
    const app = { orchestrators: CALLER, entities: { counter } };
    const hub = new SdkHub(new ScriptedInvoker(app));
    hubs.push(hub);
    await hub.backend.start();
    await store(hub, '{"state":');
    await hub.client.entities.signal('counter', 'k', 'add', null);
    await hub.worker.start();

    expect(await hub.run('Call', 'add')).toMatchObject({
      exceptionType: 'Error',
      result: expect.stringMatching(
        /^"The stored state of the entity '@counter@k' cannot be read: .* Purge the entity to begin anew\."$/,
      ) as string,
    });
    expect(await hub.client.purge('@counter@k')).toBe(1);
    await eventually(async () => (await state(hub)) === '1');
  });
});

/** Backends whose commits are made in another way. */
function withCommit(
  commitOn: (backend: TaskHubBackend) => TaskHubBackend['commitOrchestration'],
): (backend: TaskHubBackend) => TaskHubBackend {
  return (backend) => overriding(backend, { commitOrchestration: commitOn(backend) });
}

describe('a commit that fails', () => {
  it('is tried again as it is: its operations do not run again', async () => {
    let failures = 3;
    let runs = 0;
    const failing = withCommit((backend) => async (item, request) => {
      if (!item.instanceId.startsWith('@') || failures-- <= 0)
        return backend.commitOrchestration(item, request);
      // What leaves before the history is stored has left.
      for (const message of request.commit.outbox) await backend.sendMessage(message);
      throw new BackendUnavailableError('not now');
    });
    const counting = (invocation: EntityInvocation): EntityOutcome => {
      runs++;
      return counter(invocation);
    };
    const app = { orchestrators: CALLER, entities: { counter: counting } };
    const hub = await startHub(app, {}, failing);

    expect(await hub.run('Call', 'add')).toEqual({ result: '1' });

    await eventually(async () => (await state(hub)) === '1');
    expect(runs).toBe(1);
  });
});

describe('a commit whose answer is lost', () => {
  it('is recognised, and its signals do not run again', async () => {
    let failures = 3;
    const losing = withCommit((backend) => async (item, request) => {
      const receipt = await backend.commitOrchestration(item, request);
      if (failures-- > 0) throw new BackendUnavailableError('the answer was lost');
      return receipt;
    });
    const hub = await startHub({ entities: { counter } }, {}, losing);
    for (let n = 0; n < 10; n++) {
      await hub.client.entities.signal('counter', 'k', 'add', null);
      await eventually(async () => Number(await state(hub)) > n);
    }

    expect(await state(hub)).toBe('10');
  });
});
