/** What the API tells of one instance besides its status: GET …/history, …/children and …/parents. */
import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import type { InstanceRecord } from '../../src/core/instance-status.ts';
import { managementApp, memoryHub, putInstance, putStored } from './recorded-hub.ts';

const BASE = 'http://localhost:7071/runtime/webhooks/durabletask/instances';

const event = (EventType: string, members: object = {}): HistoryEvent =>
  ({
    EventType,
    EventId: -1,
    IsPlayed: false,
    Timestamp: '2026-01-02T03:04:05.0000001Z',
    ...members,
  }) as HistoryEvent;

const call = (EventId: number, InstanceId: string): HistoryEvent =>
  event('SubOrchestrationInstanceCreated', { EventId, InstanceId, Name: 'Ship', Input: null });

/** Parent `p` with these events, and its child `p-1`. */
function open(history: readonly HistoryEvent[]) {
  const { client, store } = memoryHub();
  putInstance(store, 'p', 'Running');
  putInstance(store, 'p-1', 'Completed', { customStatus: '{"step":2}' });
  const record = [...store.instances.values()][0] as InstanceRecord;
  putStored(store, { record, history });
  const app = managementApp(client);
  const get = (path: string, headers: Record<string, string> = {}): Promise<Response> =>
    Promise.resolve(app.request(`${BASE}/${path}`, { headers }));
  return { get, store, record };
}

describe('GET /instances/{instanceId}/history', () => {
  it('has the events as they are stored, in parts', async () => {
    const history = [event('OrchestratorStarted'), call(0, 'p-1'), event('OrchestratorCompleted')];
    const { get } = open(history);

    expect(await (await get('p/history')).json()).toEqual({
      executionId: 'e1',
      total: 3,
      from: 0,
      events: history,
    });
    expect(await (await get('p/history?from=1&top=1')).json()).toMatchObject({
      total: 3,
      from: 1,
      events: [history[1]],
    });
  });

  it('cuts long payloads when it is asked to', async () => {
    const { get } = open([event('EventRaised', { Name: 'A', Input: '"0123456789"' })]);

    const answer = await get('p/history?maxPayloadLength=5');

    expect(await answer.json()).toMatchObject({ events: [{ Name: 'A', Input: '"0123…' }] });
  });

  it('says when nothing is new, and when something is', async () => {
    const { get, store, record } = open([event('OrchestratorStarted')]);
    const etag = (await get('p/history')).headers.get('etag') ?? '';

    expect((await get('p/history', { 'if-none-match': etag })).status).toBe(304);
    const history = [event('OrchestratorStarted'), event('OrchestratorCompleted')];
    putStored(store, { record, history });
    expect((await get('p/history', { 'if-none-match': etag })).status).toBe(200);
  });

  it('is empty for what has not begun, and 404 for what is not there', async () => {
    const { get, store } = open([]);
    putInstance(store, 'pending', 'Pending');

    expect(await (await get('pending/history')).json()).toMatchObject({ total: 0, events: [] });
    expect((await get('nobody/history')).status).toBe(404);
  });

  it('is there of what was rewound and has not gone on yet, and not that of what another replaces', async () => {
    const { get, store, record } = open([]);
    const OrchestrationInstance = { InstanceId: 'p', ExecutionId: record.executionId };
    const history = [event('ExecutionStarted', { OrchestrationInstance }), call(0, 'p-1')];
    const pending = { ...record, runtimeStatus: 'Pending' } as const;

    putStored(store, { record: pending, history });
    expect(await (await get('p/history')).json()).toMatchObject({ total: 2 });
    expect(await (await get('p/children')).json()).toMatchObject({ total: 1 });
    expect(await (await get('p?showHistory=true')).text()).toContain('ExecutionStarted');
    putStored(store, { record: { ...pending, executionId: 'another' }, history });
    expect(await (await get('p/history')).json()).toMatchObject({ total: 0 });
    expect(await (await get('p/children')).json()).toMatchObject({ total: 0 });
    expect(await (await get('p?showHistory=true')).text()).not.toContain('ExecutionStarted');
  });
});

describe('GET /instances/{instanceId}/children', () => {
  it('has what the instance has called, with the states, and what is gone', async () => {
    const { get } = open([call(0, 'p-1'), call(1, 'gone')]);

    expect(await (await get('p/children')).json()).toEqual({
      total: 2,
      from: 0,
      children: [
        {
          instanceId: 'p-1',
          name: 'Ship',
          taskScheduledId: 0,
          runtimeStatus: 'Completed',
          customStatus: { step: 2 },
          createdTime: expect.any(String) as string,
          lastUpdatedTime: expect.any(String) as string,
        },
        {
          instanceId: 'gone',
          name: 'Ship',
          taskScheduledId: 1,
          runtimeStatus: null,
          customStatus: null,
          createdTime: null,
          lastUpdatedTime: null,
        },
      ],
    });
    expect(await (await get('p/children?from=1&top=1')).json()).toMatchObject({
      total: 2,
      children: [{ instanceId: 'gone' }],
    });
    expect((await get('nobody/children')).status).toBe(404);
  });
});

describe('GET /instances/{instanceId}/parents', () => {
  it('has who has called it, the nearest first, and what is gone', async () => {
    const { get, store } = open([]);
    putInstance(store, 'c', 'Running', { parentInstanceId: 'p-2' });
    putInstance(store, 'p-2', 'Suspended', { parentInstanceId: 'gone' });

    const answer = (await (await get('c/parents')).json()) as Answer;
    expect(answer.isComplete).toBe(true);
    expect(
      answer.parents.map(({ instanceId, runtimeStatus }) => [instanceId, runtimeStatus]),
    ).toEqual([
      ['p-2', 'Suspended'],
      ['gone', null],
    ]);
    expect(await (await get('c/parents?top=1')).json()).toMatchObject({
      isComplete: false,
      parents: [{ instanceId: 'p-2' }],
    });
    expect(await (await get('p/parents')).json()).toEqual({ isComplete: true, parents: [] });
    expect((await get('nobody/parents')).status).toBe(404);
  });

  it('ends where ids that were taken again lead in a circle', async () => {
    const { get, store } = open([]);
    putInstance(store, 'a', 'Running', { parentInstanceId: 'b' });
    putInstance(store, 'b', 'Running', { parentInstanceId: 'a' });

    expect(await (await get('a/parents')).json()).toMatchObject({
      isComplete: true,
      parents: [{ instanceId: 'b' }],
    });
  });
});

interface Answer {
  readonly isComplete: boolean;
  readonly parents: readonly { readonly instanceId: string; readonly runtimeStatus: string }[];
}
