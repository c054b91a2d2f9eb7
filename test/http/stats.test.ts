/** The hub in numbers: GET /stats, /failures and /storage. */
import { describe, expect, it } from 'vitest';
import type { InstanceRecord, RuntimeStatus } from '../../src/core/instance-status.ts';
import { managementApp, memoryHub, putInstance } from './recorded-hub.ts';

const BASE = 'http://localhost:7071/runtime/webhooks/durabletask';
const DAY = 'createdTimeFrom=2026-01-01&createdTimeTo=2026-01-02';

function open() {
  const { client, store } = memoryHub();
  const app = managementApp(client);
  return {
    put: (id: string, status: RuntimeStatus, changes: Partial<InstanceRecord> = {}) => {
      putInstance(store, id, status, { createdTime: '2026-01-01T06:00:00Z', ...changes });
    },
    get: async (path: string) => {
      const answer = await app.request(`${BASE}/${path}`);
      return { status: answer.status, body: await answer.json() };
    },
  };
}

describe('GET /stats', () => {
  it('counts the instances of a time by status, by part of the time, and by orchestrator', async () => {
    const { put, get } = open();
    for (const [n, seconds] of [1, 2, 10].entries()) {
      const completedTime = `2026-01-01T06:00:${String(seconds).padStart(2, '0')}Z`;
      put(`done-${n}`, 'Completed', { completedTime });
    }
    put('evening', 'Running', { createdTime: '2026-01-01T20:00:00Z', name: 'Other' });
    put('@counter@a', 'Running');
    put('next day', 'Failed', { createdTime: '2026-01-03T00:00:00Z' });

    expect(await get(`stats?${DAY}&parts=2`)).toEqual({
      status: 200,
      body: {
        from: '2026-01-01T00:00:00.000Z',
        to: '2026-01-02T00:00:00.000Z',
        isComplete: true,
        byStatus: { Completed: 3, Running: 1 },
        byName: [
          { name: 'EventOrch', byStatus: { Completed: 3 }, p50Ms: 2_000, p95Ms: 10_000 },
          { name: 'Other', byStatus: { Running: 1 }, p50Ms: null, p95Ms: null },
        ],
        parts: [
          { from: '2026-01-01T00:00:00.000Z', byStatus: { Completed: 3 } },
          { from: '2026-01-01T12:00:00.000Z', byStatus: { Running: 1 } },
        ],
      },
    });
  });

  it('looks at so many, and says so', async () => {
    const { put, get } = open();
    for (let n = 0; n < 20_001; n++) put(`o-${n}`, 'Running');

    expect((await get(`stats?${DAY}&parts=1`)).body).toMatchObject({
      isComplete: false,
      byStatus: { Running: 20_000 },
    });
  });

  it('refuses a time that ends before it begins', async () => {
    const { get } = open();

    expect(await get('stats?createdTimeFrom=2026-01-02&createdTimeTo=2026-01-01')).toEqual({
      status: 400,
      body: { Message: expect.stringContaining('has to be before') as string },
    });
  });
});

describe('GET /failures', () => {
  it('puts together what differs by numbers and ids, the latest first', async () => {
    const { put, get } = open();
    put('a', 'Failed', { output: 'Card of 1 declined', completedTime: '2026-01-01T13:00:00Z' });
    put('b', 'Failed', { output: 'Card of 22 declined', completedTime: '2026-01-03T08:00:00Z' });
    put('c', 'Failed', { output: 'no stock', completedTime: '2026-01-01T07:30:00Z' });
    put('d', 'Completed');

    expect((await get(`failures?${DAY}&parts=2`)).body).toEqual({
      from: '2026-01-01T00:00:00.000Z',
      to: '2026-01-02T00:00:00.000Z',
      isComplete: true,
      groups: [
        {
          signature: 'Card of # declined',
          name: 'EventOrch',
          count: 2,
          message: 'Card of 22 declined',
          place: null,
          counts: [0, 2],
          firstTime: '2026-01-01T13:00:00Z',
          lastTime: '2026-01-03T08:00:00Z',
          instanceIds: ['b', 'a'],
        },
        expect.objectContaining({ signature: 'no stock', counts: [1, 0], instanceIds: ['c'] }),
      ],
    });
  });

  it('tells the place in the code of the app, where a stack was stored', async () => {
    const { put, get } = open();
    const stack =
      'Error: no\n    at check (/app/node_modules/x/a.js:1:2)\n    at charge (/app/charge.js:3:4)';
    const thrown = { RemoteStackTrace: stack, RemoteMessage: 'no' };
    const details = { $type: 'System.Exception, System.Private.CoreLib', InnerException: thrown };
    put('a', 'Failed', { output: `Charge failed: no\n ${JSON.stringify(details)}` });
    put('b', 'Failed', {
      name: 'Forged',
      output: 'no {"$type":"System.Exception","RemoteStackTrace":"\\x","RemoteMessage":""}',
    });

    const { body } = (await get(`failures?${DAY}`)) as { body: { groups: object[] } };

    expect(body.groups).toContainEqual(
      expect.objectContaining({ name: 'EventOrch', place: 'charge (/app/charge.js:3:4)' }),
    );
    expect(body.groups).toContainEqual(expect.objectContaining({ name: 'Forged', place: null }));
  });
});

it('GET /storage tells what waits, and who works', async () => {
  const { get } = open();

  expect(await get('storage')).toEqual({
    status: 200,
    body: {
      taskHub: 'GoldenB',
      controlQueues: [expect.objectContaining({ waiting: 0 })],
      workItems: expect.objectContaining({ waiting: 0, oldestWaitingMs: null }) as object,
      nextDueInMs: null,
      processes: 0,
      workers: [],
    },
  });
});
