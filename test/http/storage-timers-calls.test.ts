/** What the API tells of the inside of a hub: messages and contents of its storage, timers, calls, and entities with their locks. */
import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import { toInstanceId } from '../../src/core/ids.ts';
import type { InstanceRecord } from '../../src/core/instance-status.ts';
import { dueTimers } from '../../src/engine/queries/due-timers.ts';
import { createMemoryBackend } from '../../src/memory/memory-backend.ts';
import { eventRaised, id, start, taskScheduled, timerFired } from '../contract/sample-messages.ts';
import { managementApp, memoryHub, putInstance, putStored } from './recorded-hub.ts';

const BASE = 'http://localhost:7071/runtime/webhooks/durabletask';
const DAY = 'createdTimeFrom=2026-01-01&createdTimeTo=2026-01-02';

function open() {
  const { client, store } = memoryHub();
  const app = managementApp(client);
  return {
    store,
    get: async (path: string) => {
      const answer = await app.request(`${BASE}/${path}`);
      const text = await answer.text();
      return { status: answer.status, body: text === '' ? null : (JSON.parse(text) as unknown) };
    },
  };
}

/** An instance that was created on 1 January, with these events. */
function putHistory(
  { store }: ReturnType<typeof open>,
  instanceId: string,
  history: readonly HistoryEvent[],
  changes: Partial<InstanceRecord> = {},
): void {
  putInstance(store, instanceId, 'Running', { createdTime: '2026-01-01T06:00:00Z', ...changes });
  const record = store.instances.get(toInstanceId(instanceId)) as InstanceRecord;
  putStored(store, { record, history });
}

const event = (EventType: string, seconds: number, members: object = {}): HistoryEvent =>
  ({
    EventType,
    EventId: -1,
    IsPlayed: false,
    Timestamp: `2026-01-01T06:00:${String(seconds).padStart(2, '0')}Z`,
    ...members,
  }) as HistoryEvent;

describe('GET /storage/queues/{queueName}/messages', () => {
  it('shows what waits and what is due, with long messages cut', async () => {
    const { store, get } = open();
    const started = start(id('order-1'), { Input: JSON.stringify('x'.repeat(9_000)) });
    store.put(started);
    store.put(taskScheduled(started, 3));
    store.put(timerFired(started, 7, Date.now() + 60_000));

    const { body } = await get('storage/queues/control/messages');
    expect(body).toMatchObject({
      queue: 'control',
      messages: [{ instanceId: 'order-1', eventType: 'ExecutionStarted', dequeueCount: 0 }],
    });
    expect(JSON.stringify(body).length).toBeLessThan(6_000);
    expect(await get('storage/queues/workitems/messages?top=1')).toMatchObject({
      body: { messages: [{ eventType: 'TaskScheduled', name: 'SayHello', taskEventId: 3 }] },
    });
    expect(await get('storage/queues/control/messages?due=true')).toMatchObject({
      body: { messages: [{ eventType: 'TimerFired', taskEventId: 7 }] },
    });
  });

  it('knows no queue but those of the hub', async () => {
    const { get } = open();

    expect(await get('storage/queues/other/messages')).toEqual({
      status: 404,
      body: { Message: "The task hub has no queue 'other'." },
    });
  });
});

describe('GET /storage/contents', () => {
  it('counts what is kept where', async () => {
    const hub = open();
    putHistory(hub, 'a', []);

    expect(await hub.get('storage/contents')).toMatchObject({
      body: { contents: [{ name: 'instances', items: 1, bytes: null, isComplete: true }, {}, {}] },
    });
  });
});

describe('GET /timers', () => {
  it('has what is due first, of all kinds, where the storage shows it', async () => {
    const { store, get } = open();
    const nowMs = Date.now();
    const at = (ms: number): string => new Date(nowMs + ms).toISOString();
    store.put(timerFired(start(id('waits')), 7, nowMs + 60_000));
    store.put(start(id('later'), { ScheduledStartTime: at(90_000) }));
    store.put(eventRaised(id('@counter@a'), `op@${at(30_000)}`, '{}'));
    store.giveBack([
      { message: eventRaised(id('bad'), 'E'), dequeueCount: 9, hasNoHistory: false },
    ]);

    expect(await get('timers?top=3')).toMatchObject({
      body: {
        source: 'queues',
        instancesSeen: null,
        isComplete: false,
        timers: [
          { kind: 'signal', instanceId: '@counter@a', dueTime: at(30_000) },
          { kind: 'retry', instanceId: 'bad' },
          { kind: 'timer', instanceId: 'waits', taskEventId: 7, dueTime: at(60_000) },
        ],
      },
    });
    expect(await get('timers')).toMatchObject({
      body: { isComplete: true, timers: [{}, {}, {}, { kind: 'start', name: 'HelloSequence' }] },
    });
  });

  it('has the orchestrators of timers, and no timers of instances that have ended', async () => {
    const { store, get } = open();
    const dueMs = Date.now() + 60_000;
    putInstance(store, 'waits', 'Suspended');
    putInstance(store, 'ended', 'Terminated');
    for (const name of ['waits', 'ended']) store.put(timerFired(start(id(name)), 7, dueMs));

    const { body } = await get('timers');

    expect(body).toMatchObject({
      isComplete: true,
      timers: [{ kind: 'timer', instanceId: 'waits', name: 'EventOrch' }],
    });
  });

  it('reads histories where it does not, and tells of how many', async () => {
    const hub = open();
    const timer = (EventId: number, FireAt: string) =>
      event('TimerCreated', 1, { EventId, FireAt });
    putHistory(hub, 'a', [
      timer(0, '2026-01-01T07:00:00Z'),
      timer(1, '2026-01-01T09:00:00Z'),
      event('TimerFired', 2, { TimerId: 0, FireAt: '2026-01-01T07:00:00Z' }),
    ]);
    putHistory(hub, 'b', [timer(4, '2026-01-01T08:00:00Z')], { runtimeStatus: 'Suspended' });
    putHistory(hub, 'c', [timer(4, '2026-01-01T08:00:00Z')], { runtimeStatus: 'Completed' });
    const scheduledStartTime = '2026-01-01T07:30:00Z';
    putHistory(hub, 'd', [], { runtimeStatus: 'Pending', scheduledStartTime });
    const backend = createMemoryBackend({ store: hub.store });
    const sources = {
      readBacklog: () => backend.readBacklog(),
      peekMessages: () => Promise.resolve(undefined),
      findInstance: backend.findInstance.bind(backend),
      listInstances: backend.listInstances.bind(backend),
      readHistory: backend.readHistory.bind(backend),
    };
    const nowMs = Date.parse('2026-01-01T06:30:00Z');

    expect(await dueTimers(sources, { count: 10, nowMs })).toMatchObject({
      source: 'histories',
      instancesSeen: 3,
      isComplete: true,
      timers: [
        { kind: 'start', instanceId: 'd' },
        { kind: 'timer', instanceId: 'b', name: 'EventOrch', taskEventId: 4 },
        { kind: 'timer', instanceId: 'a', taskEventId: 1 },
      ],
    });
    for (let n = 0; n < 110; n++) putHistory(hub, `more-${n}`, []);
    expect(await dueTimers(sources, { count: 10, nowMs })).toMatchObject({
      instancesSeen: 100,
      isComplete: false,
    });
  });
});

describe('GET /calls', () => {
  it('tells how long instances waited for their first step, from when they were due', async () => {
    const hub = open();
    const ScheduledStartTime = '2026-01-01T06:00:07Z';
    const started = event('ExecutionStarted', 0, {});
    putHistory(hub, 'a', [event('OrchestratorStarted', 1), started]);
    putHistory(hub, 'b', [event('OrchestratorStarted', 5), started]);
    putHistory(hub, 'c', [
      event('OrchestratorStarted', 9),
      event('ExecutionStarted', 0, { ScheduledStartTime }),
    ]);
    putHistory(hub, 'none yet', []);

    expect(await hub.get(`calls?${DAY}`)).toMatchObject({
      body: { orchestrators: [{ instances: 4, waitP50Ms: 2_000, waitP95Ms: 5_000 }] },
    });
  });

  it('tells which orchestrator calls what, how often, and how long it took', async () => {
    const hub = open();
    const request = JSON.stringify({ op: 'add', id: 'r1' });
    const signal = JSON.stringify({ op: 'add', signal: true, id: 'r2' });
    putHistory(hub, 'a', [
      event('TaskScheduled', 0, { EventId: 0, Name: 'Charge' }),
      event('TaskFailed', 1, { TaskScheduledId: 0 }),
      event('TaskScheduled', 1, { EventId: 1, Name: 'Charge' }),
      event('TaskCompleted', 4, { TaskScheduledId: 1 }),
      event('SubOrchestrationInstanceCreated', 4, { EventId: 2, Name: 'Ship' }),
      event('EventSent', 4, { EventId: 3, InstanceId: '@counter@k', Name: 'op', Input: request }),
      event('EventRaised', 6, { Name: 'r1' }),
      event('EventSent', 6, { EventId: 4, InstanceId: '@counter@k', Name: 'op', Input: signal }),
      event('EventSent', 6, { EventId: 5, InstanceId: '@counter@k', Name: 'release' }),
    ]);

    expect(await hub.get(`calls?${DAY}`)).toEqual({
      status: 200,
      body: {
        from: '2026-01-01T00:00:00.000Z',
        to: '2026-01-02T00:00:00.000Z',
        instancesSeen: 1,
        eventsSeen: 9,
        isComplete: true,
        orchestrators: [
          {
            name: 'EventOrch',
            instances: 1,
            waitP50Ms: null,
            waitP95Ms: null,
            calls: [
              {
                kind: 'activity',
                name: 'Charge',
                count: 2,
                failed: 1,
                open: 0,
                p50Ms: 3_000,
                p95Ms: 3_000,
              },
              {
                kind: 'entity',
                name: 'counter',
                count: 2,
                failed: 0,
                open: 0,
                p50Ms: 2_000,
                p95Ms: 2_000,
              },
              {
                kind: 'orchestrator',
                name: 'Ship',
                count: 1,
                failed: 0,
                open: 1,
                p50Ms: null,
                p95Ms: null,
              },
            ],
          },
        ],
      },
    });
  });

  it('looks at so many instances, and says so', async () => {
    const hub = open();
    for (let n = 0; n < 4; n++) putHistory(hub, `o-${n}`, []);

    expect(await hub.get(`calls?${DAY}&top=3`)).toMatchObject({
      body: { instancesSeen: 3, isComplete: false },
    });
    expect(
      await hub.get('calls?createdTimeFrom=2026-01-02&createdTimeTo=2026-01-01'),
    ).toMatchObject({ status: 400 });
  });
});

describe('GET /locks', () => {
  it('names the entities that are locked, the longest without an operation first', async () => {
    const hub = open();
    const put = (key: string, customStatus: object, hour: number): void => {
      const name = `@counter@${key}`;
      const createdTime = `2026-01-01T0${hour}:00:00Z`;
      putHistory(hub, name, [], { name, createdTime, customStatus: JSON.stringify(customStatus) });
    };
    put('free', { entityExists: true }, 5);
    put('late', { entityExists: true, lockedBy: 'order-1' }, 7);
    put('early', { lockedBy: 'order-2', queueSize: 3 }, 6);
    // An orchestration may say of itself what it likes.
    const customStatus = '{"lockedBy":"me"}';
    putHistory(hub, '@counter@none', [], { name: 'Process', customStatus });
    putHistory(hub, 'order-1', [], { customStatus });

    const late = {
      entityId: { name: 'counter', key: 'late' },
      lockedBy: 'order-1',
      lastOperationTime: '2026-01-01T07:00:00Z',
      queueLength: 0,
    };
    const early = {
      entityId: { name: 'counter', key: 'early' },
      lockedBy: 'order-2',
      lastOperationTime: '2026-01-01T06:00:00Z',
      queueLength: 3,
    };
    expect(await hub.get('locks')).toEqual({
      status: 200,
      body: { isComplete: true, total: 2, locks: [early, late] },
    });
    expect(await hub.get('locks?top=1')).toMatchObject({ body: { total: 2, locks: [early] } });
  });
});

describe('GET /entities/{entityName}/{entityKey}/status', () => {
  it('tells who has the lock, and what waits', async () => {
    const hub = open();
    const input = JSON.stringify({
      exists: true,
      state: '{"n":1}',
      lockedBy: 'order-1',
      queue: [
        { op: 'add', input: '5', id: 'r1', parent: 'order-2' },
        { op: null, id: 'r2', parent: 'order-3', lockset: [{ name: 'counter', key: 'a' }] },
      ],
      sorter: {},
    });
    const name = '@counter@a';
    putHistory(hub, name, [], { name, input });

    expect(await hub.get('entities/Counter/a/status')).toEqual({
      status: 200,
      body: {
        entityId: { name: 'counter', key: 'a' },
        exists: true,
        lastOperationTime: '2026-01-01T06:00:00Z',
        lockedBy: 'order-1',
        queueLength: 2,
        queue: [
          {
            id: 'r1',
            operation: 'add',
            isSignal: false,
            input: '5',
            parentInstanceId: 'order-2',
            due: null,
          },
          {
            id: 'r2',
            operation: null,
            isSignal: false,
            input: null,
            parentInstanceId: 'order-3',
            due: null,
          },
        ],
        state: { n: 1 },
      },
    });
    expect(await hub.get('entities/Counter/b/status')).toEqual({ status: 404, body: null });
  });
});
