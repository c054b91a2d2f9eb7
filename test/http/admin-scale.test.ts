import { describe, expect, it } from 'vitest';
import { BackendUnavailableError } from '../../src/core/errors.ts';
import { createAdminApp, isPing } from '../../src/http/admin/admin-app.ts';
import type { AdminScale } from '../../src/http/admin/scale.ts';
import { requireMasterKey } from '../../src/http/auth.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { openTestRing } from './secrets-in-memory.ts';

const QUEUE = { waiting: 0, hidden: 0, oldestWaitingMs: undefined };
const REPORT = {
  taskHub: 'Orders',
  wantedWorkers: 2,
  reason: '11 activities, 10 at a time in a worker.',
  readTime: '2026-01-31T10:00:00.000Z',
  backlog: {
    controlQueues: [{ ...QUEUE, name: 'orders-control-00' }],
    workItems: { ...QUEUE, name: 'orders-workitems', waiting: 11, oldestWaitingMs: 1200 },
    nextDueInMs: undefined,
    processes: 1,
    workerLimit: undefined,
  },
};

function adminApi(report: AdminScale['report']) {
  return createAdminApp({
    host: { status: () => ({}) as never },
    functions: { list: () => [], run: () => false },
    scale: { report },
    log: silentLogger,
  });
}

const URL_OF_SCALE = 'http://app/admin/host/scale';

describe('GET /admin/host/scale', () => {
  it('tells how many workers are wanted, why, and what waits', async () => {
    const answer = await adminApi(() => Promise.resolve(REPORT)).request(URL_OF_SCALE);

    expect(answer.status).toBe(200);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await answer.json()).toEqual({
      taskHub: 'Orders',
      wantedWorkers: 2,
      reason: '11 activities, 10 at a time in a worker.',
      readTime: '2026-01-31T10:00:00.000Z',
      controlQueues: [{ name: 'orders-control-00', waiting: 0, hidden: 0 }],
      workItems: { name: 'orders-workitems', waiting: 11, hidden: 0, oldestWaitingMs: 1200 },
      processes: 1,
    });
  });

  it('answers 503 while storage does not, so that nothing is scaled', async () => {
    const error = new BackendUnavailableError('Storage is away.');
    const answer = await adminApi(() => Promise.reject(error)).request(URL_OF_SCALE);
    expect(answer.status).toBe(503);
  });

  it('asks for the master key, in the header or the query', async () => {
    const { ring } = await openTestRing();
    const door = requireMasterKey(
      adminApi(() => Promise.resolve(REPORT)),
      ring,
      isPing,
    );
    const key = await ring.masterKey();
    const statusOf = async (url: string, headers: Record<string, string> = {}) =>
      (await door.fetch(new Request(url, { headers }))).status;

    expect(await statusOf(URL_OF_SCALE)).toBe(401);
    expect(await statusOf(URL_OF_SCALE, { 'x-functions-key': 'wrong' })).toBe(401);
    expect(await statusOf(URL_OF_SCALE, { 'x-functions-key': key })).toBe(200);
    expect(await statusOf(`${URL_OF_SCALE}?code=${encodeURIComponent(key)}`)).toBe(200);
  });
});
