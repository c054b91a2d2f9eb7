/** Scenarios N-03, N-04 and R-17: wide fan-outs keep their order, and run no more activities at once than they may. */
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { AzureHub } from '../support/azure-hub.ts';
import { LONG } from '../support/patience.ts';
import { loadSdkApp, type SdkApp } from '../support/sdk-app.ts';
import { SdkHub } from '../support/sdk-hub.ts';

const hubs: SdkHub[] = [];
const THOUSAND = Array.from({ length: 1000 }, (_, n) => n);

let app: SdkApp;

beforeAll(async () => {
  app = await loadSdkApp('3.5.0', 'orchestrations/fan-outs.cjs');
});

afterEach(async () => {
  await Promise.all(hubs.splice(0).map((hub) => hub.worker.stop()));
});

afterAll(async () => {
  await app.dispose();
});

async function startHub(settings: ConstructorParameters<typeof SdkHub>[1] = {}): Promise<SdkHub> {
  const hub = new SdkHub(app.invoker, settings);
  hubs.push(hub);
  await hub.worker.start();
  return hub;
}

describe('a fan-out', () => {
  it('N-03: of a thousand has its results in the order of its calls', async () => {
    const hub = await startHub();
    expect(await hub.run('Squares', 1000)).toEqual(THOUSAND.map((n) => n * n));
  });

  it('N-04: may be followed by another one', async () => {
    const hub = await startHub();
    expect(await hub.run('Twice', 100)).toEqual(THOUSAND.slice(0, 100).map((n) => n ** 4));
  });

  it('N-03: of a thousand comes to its end in Azure Storage', LONG, async () => {
    const hub = new AzureHub({}, { invoker: app.invoker, settings: { commitWindowMs: 100 } });
    await hub.start();
    try {
      const id = await hub.client.start({ name: 'Squares', input: '1000' });
      const { output } = await hub.ended(id, { timeoutMs: 80_000 });

      expect(JSON.parse(output ?? '')).toEqual(THOUSAND.map((n) => n * n));
    } finally {
      await hub.stop();
      await hub.backend.deleteHub();
    }
  });

  it.each([1, 3, 10])('R-17: runs %i activities at once, and no more', async (limit) => {
    const hub = await startHub({ maxConcurrentActivities: limit });
    expect(await hub.run('Peak', 40)).toBe(limit);
  });
});
