/**
 * Workers and operators of one hub in Azure Storage whose clocks are minutes off: beside one whose clock is right everything ends as
 * it must, each step once, and nobody takes the live for dead.
 */
import { randomUUID } from 'node:crypto';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AzureHub, SHORT_LEASES } from '../support/azure-hub.ts';
import { eventually } from '../support/eventually.ts';
import { LONG } from '../support/patience.ts';
import { loadSdkApp, type SdkApp } from '../support/sdk-app.ts';

const MINUTE_MS = 60_000;
const APP = 'orchestrations/clock-skew.cjs';
const IDS = [0, 1, 2, 3, 4, 5];

/** A clock that is so much ahead of the machine's, and ids. */
const clockAhead = (aheadMs: number) => ({
  now: () => Date.now() + aheadMs,
  newId: () => randomUUID().replaceAll('-', ''),
});

let app: SdkApp;
let hubs: AzureHub[] = [];
beforeAll(async () => {
  app = await loadSdkApp('3.5.0', APP);
});
afterAll(() => app.dispose());
afterEach(async () => {
  for (const hub of hubs) await hub.stop();
  await hubs[0]?.backend.deleteHub();
  hubs = [];
});

/** One worker for each clock, all on one hub, each with its share of the partitions. */
async function startWorkers(...aheadMs: readonly number[]): Promise<void> {
  const settings = { partitionCount: 4, ...SHORT_LEASES };
  for (const ahead of aheadMs) {
    const options = { ...(hubs[0]?.options ?? settings), ambient: clockAhead(ahead) };
    const hub = new AzureHub(options, { invoker: app.invoker });
    hubs.push(hub);
    await hub.start();
  }
  await untilShared(4 / aheadMs.length);
}

const owners = async (): Promise<readonly (string | undefined)[]> =>
  (await hubs[0]?.partitionTable().read())?.rows.map(({ owner }) => owner) ?? [];

/** Each worker that has any has so many. */
async function untilShared(count: number): Promise<void> {
  await eventually(
    async () => {
      const all = await owners();
      return all.every(
        (owner) => owner !== undefined && all.filter((each) => each === owner).length === count,
      );
    },
    { timeoutMs: 30_000 },
  );
}

const startAt = (n: number, name: string): Promise<string> => {
  const hub = hubs[n % hubs.length];
  if (hub === undefined) throw new Error('No worker was started.');
  return hub.client.start({ name, input: String(n), instanceId: `${name}-${n}` });
};

/** What an instance of `Everything` comes to, and how often each of its steps was recorded. */
async function outcomeOf(instanceId: string): Promise<unknown> {
  const [hub] = hubs;
  const record = await hub?.ended(instanceId, { timeoutMs: 60_000 });
  const steps = (await hub?.client.readHistory(instanceId))?.flatMap((event) =>
    'TaskScheduledId' in event ? [event.TaskScheduledId] : [],
  );
  return [record?.runtimeStatus, record?.output, steps?.length === new Set(steps).size];
}

const SKEWS = [
  ['ahead', 5 * MINUTE_MS],
  ['behind', -5 * MINUTE_MS],
] as const;

describe.each(SKEWS)('a worker whose clock is five minutes %s', (_, aheadMs) => {
  it('works beside one whose clock is right, and both keep what they own', LONG, async () => {
    await startWorkers(0, aheadMs);
    const before = await owners();
    const started = await Promise.all(IDS.map((n) => startAt(n, 'Everything')));
    for (const [n, id] of started.entries()) {
      // In their order, though each comes from another clock.
      for (const letter of ['a', 'b', 'c', 'd']) {
        const sender = hubs[(n + letter.charCodeAt(0)) % 2];
        await sender?.client.raiseEvent(id, 'letter', JSON.stringify(letter));
      }
    }

    for (const id of started) {
      expect(await outcomeOf(id)).toEqual(['Completed', '["abcd",10,"rang","child"]', true]);
    }
    expect(await owners()).toEqual(before);
    expect(await hubs[0]?.client.entities.readState('sum', 'all')).toBe('15');
  });

  it('leaves what it has begun to others, which end it', LONG, async () => {
    await startWorkers(aheadMs);
    const ids = await Promise.all(IDS.map((n) => startAt(n, 'Waits')));
    await eventually(async () => {
      const all = await Promise.all(ids.map(async (id) => hubs[0]?.client.readHistory(id)));
      return all.every((history) => (history?.length ?? 0) > 0);
    });
    const [before] = hubs;
    const right = new AzureHub({ ...before?.options, ambient: clockAhead(0) }, app);
    await right.start();
    await before?.stop();
    hubs = [right];

    for (const id of ids) await right.client.raiseEvent(id, 'go', '1');

    for (const id of ids) expect(await outcomeOf(id)).toEqual(['Completed', '1', true]);
  });

  it(
    'does not take the live for dead: neither a hub that is worked on, nor its partitions',
    LONG,
    async () => {
      await startWorkers(0);
      const other = new AzureHub({ ...hubs[0]?.options, ambient: clockAhead(aheadMs) });

      expect(await other.backend.readBacklog()).toMatchObject({ processes: 1 });
      expect(await other.backend.listHubUsers()).toHaveLength(4);
      const found = [];
      for await (const { kind } of other.client.examine({ quietMs: 600_000 })) found.push(kind);
      expect(found).toEqual([]);
    },
  );
});

describe('timers of a worker whose clock is off', () => {
  it.each(SKEWS)('%s fire there at their time', LONG, async (_, aheadMs) => {
    await startWorkers(aheadMs);
    const beganMs = performance.now();
    await startAt(3, 'Sleeps');

    expect(await outcomeOf('Sleeps-3')).toEqual(['Completed', '"woke"', true]);
    expect(performance.now() - beganMs).toBeGreaterThan(2_900);
  });

  it.each([
    ['behind ring no later', -5 * MINUTE_MS, 5_000],
    ['ahead ring late by that, and are not lost', 10_000, 14_000],
  ])('%s on a worker whose clock is right', LONG, async (_, aheadMs, leastMs) => {
    await startWorkers(aheadMs);
    const beganMs = performance.now();
    await startAt(5, 'Sleeps');
    const [before] = hubs;
    await eventually(async () => {
      const history = await before?.client.readHistory('Sleeps-5');
      return history?.some(({ EventType }) => EventType === 'TimerCreated');
    });
    await before?.stop();
    hubs = [];
    const right = new AzureHub({ ...before?.options, ambient: clockAhead(0) }, app);
    hubs.push(right);
    await right.start();

    expect(await outcomeOf('Sleeps-5')).toEqual(['Completed', '"woke"', true]);
    expect(performance.now() - beganMs).toBeGreaterThan(leastMs);
  });
});
