/** A commit that takes several transactions stops between two of them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AzureHub, SHORT_LEASES } from '../support/azure-hub.ts';
import { azuriteConnectionString } from '../support/azurite.ts';
import { eventually } from '../support/eventually.ts';
import { type Fault, FaultyProxy } from '../support/faulty-proxy.ts';
import { LONG } from '../support/patience.ts';
import { loadSdkApp, type SdkApp } from '../support/sdk-app.ts';

/** More than a transaction holds. */
const COUNT = 105;
const SUM = String((COUNT * (COUNT - 1)) / 2);
const TRANSACTIONS = /\$batch$/;

let app: SdkApp;

beforeAll(async () => {
  app = await loadSdkApp('3.5.0', 'orchestrations/payloads.cjs');
});

afterAll(() => app.dispose());

/** Starts the generation that waits, strikes when the wide one is committed, and calls `then` with a hub on the same storage. */
async function strike(
  fault: Omit<Fault, 'of'>,
  commitWindowMs: number,
  then: (observer: AzureHub) => Promise<void>,
): Promise<void> {
  const proxy = await FaultyProxy.start(azuriteConnectionString());
  const settings = { commitWindowMs };
  const { connectionString } = proxy;
  const hub = new AzureHub(
    { ...SHORT_LEASES, account: connectionString },
    { invoker: app.invoker, settings },
  );
  const observer = new AzureHub(
    { ...hub.options, account: azuriteConnectionString() },
    { invoker: app.invoker, settings },
  );
  try {
    await hub.start();
    await hub.client.start({
      name: 'WideLater',
      instanceId: 'i',
      input: JSON.stringify({ isNext: false, count: COUNT }),
    });
    await eventually(async () => (await observer.client.readHistory('i')).length > 0);
    proxy.arm({ ...fault, of: TRANSACTIONS });
    await hub.client.raiseEvent('i', 'Next', null);
    await eventually(() => proxy.hasStruck, { timeoutMs: 20_000 });
    await then(observer);
  } finally {
    await Promise.all([hub.stop(), observer.stop()]);
    await proxy.stop();
    await observer.backend.deleteHub();
  }
}

describe.concurrent.each([
  { window: 'with a commit window', commitWindowMs: 100 },
  { window: 'without a commit window', commitWindowMs: 0 },
])('a commit of several transactions, $window', ({ commitWindowMs }) => {
  it.each([
    { kind: 'refuse', at: 2 },
    { kind: 'lose', at: 1 },
    { kind: 'lose', at: 2 },
    { kind: 'lose-once', at: 1 },
  ] as const)('is made again when transaction $at fails ($kind)', LONG, async (fault) => {
    await strike(fault, commitWindowMs, async (observer) => {
      const { runtimeStatus, output } = await observer.ended('i', { timeoutMs: 25_000 });
      expect([runtimeStatus, output]).toEqual(['Completed', SUM]);
    });
  });

  it.each([
    { kind: 'stop-before', at: 2 },
    { kind: 'stop-after', at: 1 },
  ] as const)('is made again by the next process ($kind $at)', LONG, async (fault) => {
    await strike(fault, commitWindowMs, async (observer) => {
      await observer.start();
      const { runtimeStatus, output } = await observer.ended('i', { timeoutMs: 25_000 });
      expect([runtimeStatus, output]).toEqual(['Completed', SUM]);
    });
  });

  it('shows clients nothing of what was not committed', LONG, async () => {
    await strike({ kind: 'stop-before', at: 2 }, commitWindowMs, async (observer) => {
      const history = await observer.client.readHistory('i');
      const types = history.map(({ EventType }) => EventType);
      expect(types).toEqual(['OrchestratorStarted', 'ExecutionStarted']);
    });
  });
});
