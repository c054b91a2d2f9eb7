/** GET /running, on a hub with a worker. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { type DashboardHub } from '../dashboard/dashboard-hub.ts';
import { RunningFunctions } from '../../src/engine/running-functions.ts';
import { openShopHub, startOrder } from '../dashboard/shop-hub.ts';
import { eventually } from '../support/eventually.ts';
import { managementApp, memoryHub } from './recorded-hub.ts';

const URL = 'http://localhost:7071/runtime/webhooks/durabletask/running';

describe('GET /running', () => {
  let hub: DashboardHub;
  beforeAll(async () => {
    hub = await openShopHub();
  });
  afterAll(() => hub.stop());

  it('tells what the process executes, since when, and no longer than it does', async () => {
    const api = managementApp(hub.client, { runningFunctions: () => hub.runningFunctions });
    const read = async (): Promise<Answer> => (await (await api.request(URL)).json()) as Answer;
    const startedMs = Date.now();

    await startOrder(hub, 'slow-bank', { bankTakesMs: 2_000 });
    const { total, running } = await eventually(async () => {
      const answer = await read();
      return answer.running.some(({ name }) => name === 'ChargeCard') ? answer : undefined;
    });

    const charge = running.find(({ name }) => name === 'ChargeCard');
    expect(charge).toMatchObject({ kind: 'activity', instanceId: 'slow-bank' });
    expect(Date.parse(charge?.since ?? '')).toBeGreaterThanOrEqual(startedMs);
    expect(total).toBe(running.length);
    await eventually(async () => {
      const status = await hub.client.findStatus('slow-bank', { input: false });
      return status?.runtimeStatus === 'Completed';
    });
    await eventually(async () => (await read()).total === 0);
  });

  it('tells what the other workers execute as well, and which of them do not tell', async () => {
    const nowMs = Date.parse('2026-01-01T07:00:00Z');
    const charge = { kind: 'activity', name: 'Charge', instanceId: 'a' } as const;
    const ship = { kind: 'activity', name: 'Ship', instanceId: 'b' } as const;
    const runningFunctions = new RunningFunctions({
      now: () => nowMs,
      elsewhere: (count) =>
        Promise.resolve([
          {
            worker: 'web-2:1',
            now: {
              total: 3,
              running: [
                { ...charge, sinceMs: nowMs - 1_000 },
                { ...ship, sinceMs: nowMs - 500 },
              ].slice(0, count),
            },
          },
          { worker: 'dotnet-1', now: undefined },
        ]),
    });
    const api = managementApp(hub.client, { runningFunctions: () => runningFunctions });

    const answer: unknown = await (await api.request(`${URL}?top=1`)).json();

    expect(answer).toEqual({
      total: 3,
      running: [{ ...charge, since: '2026-01-01T06:59:59.000Z', worker: 'web-2:1' }],
      others: [
        { worker: 'web-2:1', total: 3 },
        { worker: 'dotnet-1', total: null },
      ],
    });
  });

  it('is 501 for a hub that the host does not work on', async () => {
    const answer = await managementApp(memoryHub('Other').client).request(URL);

    expect([answer.status, await answer.json()]).toEqual([
      501,
      { Message: "This host runs no functions of 'Other'." },
    ]);
  });
});

interface Answer {
  readonly total: number;
  readonly running: readonly {
    readonly kind: string;
    readonly name: string;
    readonly instanceId: string;
    readonly since: string;
  }[];
}
