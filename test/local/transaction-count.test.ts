/** What an orchestration costs: transactions, each of them one sync of the disk that many may share. */
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { LocalHub, removeFolder, temporaryFolder } from '../support/local-hub.ts';
import { loadSdkApp, type SdkApp } from '../support/sdk-app.ts';

let app: SdkApp;
let folder: string;
let transactions = 0;

beforeAll(async () => {
  app = await loadSdkApp('3.5.0', 'orchestrations/features.cjs');
});

afterAll(() => app.dispose());

beforeEach(() => {
  folder = temporaryFolder();
});

afterEach(() => {
  removeFolder(folder);
});

async function withHub(commitWindowMs: number, run: (hub: LocalHub) => Promise<void>) {
  const count = { committed: (transaction: number) => (transactions = transaction) };
  const hub = new LocalHub(
    folder,
    { transactions: count },
    { invoker: app.invoker, settings: { commitWindowMs } },
  );
  await hub.start();
  const before = transactions;
  try {
    await run(hub);
  } finally {
    await hub.stop();
  }
  // What is stored is seen before it is counted: not so at the stop, whose own transaction frees the hub.
  return transactions - before - 1;
}

describe('a chain of two activities', () => {
  const run = async (hub: LocalHub): Promise<void> => {
    await hub.ended(await hub.client.start({ name: 'Chain', input: null }));
  };

  it('costs two transactions when its activities end within the commit window: start and end', async () => {
    expect(await withHub(60_000, run)).toBe(2);
  });

  it('costs one for the start and one for each step without a window', async () => {
    expect(await withHub(0, run)).toBe(4);
  });

  it('shares its transactions with others that run at the same time', async () => {
    const count = 100;

    const cost = await withHub(60_000, async (hub) => {
      const starting = Array.from({ length: count }, () =>
        hub.client.start({ name: 'Chain', input: null }),
      );
      for (const instanceId of await Promise.all(starting)) await hub.ended(instanceId);
    });

    expect(cost).toBeLessThan(count);
  });
});
