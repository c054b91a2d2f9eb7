/**
 * Every request that the engine makes of storage may fail, may lose its answer, or may be the last of its process. Whatever
 * happens, the orchestration ends as it should, and nothing is left behind.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InstanceExistsError } from '../../src/core/errors.ts';
import { AzureHub } from '../support/azure-hub.ts';
import { azuriteConnectionString } from '../support/azurite.ts';
import { eventually } from '../support/eventually.ts';
import { type Fault, FaultyProxy, type FaultKind } from '../support/faulty-proxy.ts';
import { loadSdkApp, type SdkApp } from '../support/sdk-app.ts';

const OUTPUT = {
  hello: ['Hello Tokyo!', 'Hello Seattle!', 'Hello London!'],
  event: { go: true },
  child: 'Hello Kyoto!',
  fan: [0, 1, 4, 9, 16],
};
/** So short that what a fault left locked comes back soon. */
const SHORT_LEASES = {
  selfLeaseMs: 3_000,
  controlQueueVisibilityTimeoutMs: 4_000,
  workItemQueueVisibilityTimeoutMs: 4_000,
  maxQueuePollingIntervalMs: 1_000,
};
const PARALLEL_RUNS = 12;
/** `DURABLE_TEST_CRASH_POINTS=all` breaks every request in every way; otherwise every third or so. */
const IS_FULL = process.env['DURABLE_TEST_CRASH_POINTS'] === 'all';

let app: SdkApp;

beforeAll(async () => {
  app = await loadSdkApp('3.5.0', 'orchestrations/crash-points.cjs');
});

afterAll(() => app.dispose());

describe.each([
  { name: 'with a commit window', commitWindowMs: 100 },
  { name: 'without a commit window', commitWindowMs: 0 },
])('an orchestration $name', ({ commitWindowMs }) => {
  const kinds: FaultKind[] = ['refuse', 'reset', 'lose', 'lose-once'];
  it.each(kinds)('survives any request (%s)', { timeout: 600_000 }, async (kind) => {
    const total = await requestsOfScenario(commitWindowMs);
    const points = Array.from({ length: total }, (_, index) => index + 1).filter(
      (at) => IS_FULL || at % 3 === kinds.indexOf(kind) % 3,
    );
    const outcomes = await inParallel(points, (at) => survive({ kind, at }, commitWindowMs));
    expect(outcomes).toEqual(points.map((at) => ({ at, ended: 'as it should' })));
  });
});

async function requestsOfScenario(commitWindowMs: number): Promise<number> {
  let total = 0;
  await runScenario(commitWindowMs, undefined, ({ seen }) => (total = seen.length));
  return total;
}

async function survive(fault: Fault, commitWindowMs: number) {
  let request = '';
  try {
    await runScenario(commitWindowMs, fault, ({ seen }) => (request = seen[fault.at - 1] ?? ''));
    return { at: fault.at, ended: 'as it should' };
  } catch (error) {
    return { at: fault.at, ended: `${request}: ${String(error)}` };
  }
}

async function runScenario(
  commitWindowMs: number,
  fault: Fault | undefined,
  atEnd: (proxy: FaultyProxy) => void,
): Promise<void> {
  const proxy = await FaultyProxy.start(azuriteConnectionString());
  const hub = new AzureHub(
    { ...SHORT_LEASES, connectionString: proxy.connectionString },
    { invoker: app.invoker, settings: { commitWindowMs } },
  );
  const observer = hub.observer(azuriteConnectionString());
  try {
    await hub.start();
    proxy.arm(fault);
    await begin(hub, 'i');
    await expectEnd(observer, 'i');
  } finally {
    atEnd(proxy);
    await hub.stop();
    await proxy.stop();
    await observer.backend.deleteHub();
  }
}

/** As a client does it: what failed is tried again, under the same id. */
async function begin({ client }: AzureHub, instanceId: string): Promise<void> {
  await eventually(async () => {
    try {
      await client.start({ name: 'Everything', instanceId, input: null });
    } catch (error) {
      if (!(error instanceof InstanceExistsError)) throw error;
    }
    return true;
  });
  await eventually(async () => {
    await client.raiseEvent(instanceId, 'Go', JSON.stringify(OUTPUT.event));
    return true;
  });
}

async function expectEnd(observer: AzureHub, instanceId: string): Promise<void> {
  const record = await observer.ended(instanceId, { timeoutMs: 60_000 });
  expect([record.runtimeStatus, JSON.parse(record.output ?? '')]).toEqual(['Completed', OUTPUT]);
  const child = await observer.ended(`${instanceId}-child`, { timeoutMs: 30_000 });
  expect([child.runtimeStatus, child.output]).toEqual(['Completed', '"Hello Kyoto!"']);
  await eventually(
    async () => {
      expect(await observer.messageCount()).toBe(0);
      return true;
    },
    { timeoutMs: 60_000, intervalMs: 250 },
  );
}

async function inParallel<Item, Result>(
  items: readonly Item[],
  run: (item: Item) => Promise<Result>,
): Promise<Result[]> {
  const results: Result[] = [];
  const queue = items.entries();
  const lane = async (): Promise<void> => {
    for (const [index, item] of queue) results[index] = await run(item);
  };
  await Promise.all(Array.from({ length: PARALLEL_RUNS }, lane));
  return results;
}
