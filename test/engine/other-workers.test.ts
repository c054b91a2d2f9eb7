/** Workers of one hub that do not have the same functions: what each leaves to the others, and what fails in the end. */
import { afterEach, describe, expect, it } from 'vitest';
import type { EntityOutcome } from '../../src/engine/function-invoker.ts';
import type { LogRecord } from '../../src/telemetry/log.ts';
import { AzureHub, SHORT_LEASES } from '../support/azure-hub.ts';
import { freshHubName } from '../support/azurite.ts';
import { eventually } from '../support/eventually.ts';
import { activity, subOrchestration } from '../support/history.ts';
import { ScriptedInvoker, sequence, type ScriptedApp } from '../support/scripted-invoker.ts';

const PATIENCE = { timeoutMs: 40_000, intervalMs: 100 };
const running = new Set<Worker>();

afterEach(async () => {
  const hubs = [...running].map(({ hub }) => hub);
  await Promise.all([...running].map((worker) => worker.stop()));
  await hubs[0]?.backend.deleteHub({ force: true });
});

class Worker {
  readonly records: LogRecord[] = [];
  readonly invoker: ScriptedInvoker;
  readonly hub: AzureHub;

  constructor(taskHub: string, appName: string, app: ScriptedApp, partitionCount = 2) {
    this.invoker = new ScriptedInvoker(app);
    const log = { write: (record: LogRecord) => void this.records.push(record) };
    this.hub = new AzureHub(
      { ...SHORT_LEASES, taskHub, partitionCount, log },
      { invoker: this.invoker, appName },
    );
  }

  async start(): Promise<this> {
    running.add(this);
    await this.hub.start();
    return this;
  }

  async stop(): Promise<void> {
    running.delete(this);
    await this.hub.stop();
  }

  get warnings(): readonly string[] {
    return this.records.filter(({ level }) => level === 'warning').map(({ message }) => message);
  }
}

/** Two workers that have a partition each, and know of each other. */
async function bothOf(first: Worker, second: Worker): Promise<void> {
  await first.start();
  await second.start();
  await eventually(async () => {
    const users = await first.hub.backend.listHubUsers();
    const workers = users.filter((user) => user.kind === 'worker');
    const areKnown = workers.every(({ app }) => app !== undefined);
    return areKnown && new Set(workers.map(({ owner }) => owner)).size === 2;
  }, PATIENCE);
}

const startAll = (worker: Worker, name: string, count: number): Promise<readonly string[]> =>
  Promise.all(Array.from({ length: count }, () => worker.hub.client.start({ name, input: null })));

/** Notes in the state who ran it. */
const entityOf = (who: string) => (): EntityOutcome => ({
  kind: 'ran',
  exists: true,
  state: JSON.stringify(who),
  results: [{ isError: false, result: null }],
  signals: [],
});

/** Two apps of which neither has a function of the other; orders call bills. */
function appPair(taskHub: string, partitionCount: number): readonly [Worker, Worker] {
  const shop = new Worker(
    taskHub,
    'shop',
    {
      orchestrators: { Order: sequence([activity('Pack'), subOrchestration('Bill')]) },
      activities: { Pack: () => '"packed"' },
      entities: { cart: entityOf('shop') },
    },
    partitionCount,
  );
  const billing = new Worker(
    taskHub,
    'billing',
    {
      orchestrators: { Bill: sequence([activity('Charge')]) },
      activities: { Charge: () => '"billed"' },
      entities: { account: entityOf('billing') },
    },
    partitionCount,
  );
  return [shop, billing];
}

const order = { Order: sequence([activity('Pack'), activity('Ship')]) };

describe('workers with different functions', () => {
  it('run each the activities that they have, whoever asks for them', async () => {
    const taskHub = freshHubName('Other');
    const packing = new Worker(taskHub, 'packing', {
      orchestrators: order,
      activities: { Pack: () => '"packed"' },
    });
    const shipping = new Worker(taskHub, 'shipping', {
      orchestrators: order,
      activities: { Ship: () => '"shipped"' },
    });
    await bothOf(packing, shipping);

    const ids = await Promise.all(
      Array.from({ length: 6 }, () => packing.hub.client.start({ name: 'Order', input: null })),
    );
    const ends = await Promise.all(ids.map((id) => packing.hub.ended(id, PATIENCE)));

    expect(ends.map(({ output }) => output)).toEqual(ids.map(() => '["packed","shipped"]'));
    expect(new Set(packing.invoker.activityRuns)).toEqual(new Set(['Pack']));
    expect(new Set(shipping.invoker.activityRuns)).toEqual(new Set(['Ship']));
    for (const text of [...packing.warnings, ...shipping.warnings]) {
      expect(text).toMatch(
        /^The activity '(Pack|Ship)' is not of this app\. .* left to workers of '/,
      );
    }
  });

  it('fail what none of them has, and say so', async () => {
    const taskHub = freshHubName('Other');
    const first = new Worker(taskHub, 'first', { orchestrators: order });
    const second = new Worker(taskHub, 'second', {
      orchestrators: order,
      activities: { Ship: () => '"shipped"' },
    });
    await bothOf(first, second);

    const id = await first.hub.client.start({ name: 'Order', input: null });
    const end = await first.hub.ended(id, PATIENCE);

    expect(end.runtimeStatus).toBe('Failed');
    expect(end.output).toContain(`The function 'Pack' doesn't exist`);
  });

  it('give an instance whose orchestrator only another one has to that one, with its partition', async () => {
    const taskHub = freshHubName('Other');
    const old = new Worker(taskHub, 'app', { orchestrators: { Old: sequence([]) } });
    const fresh = new Worker(taskHub, 'app', {
      orchestrators: { Old: sequence([]), New: sequence([]) },
    });
    await bothOf(old, fresh);

    // So many that some are for partitions of the old one.
    const ids = await startAll(old, 'New', 24);
    const ends = await Promise.all(ids.map((id) => fresh.hub.ended(id, PATIENCE)));

    expect(ends.map(({ output }) => output)).toEqual(ids.map(() => '[]'));
    expect(old.invoker.orchestratorRuns).toBe(0);
    expect(old.warnings.filter((text) => text.includes(`'New'`))).toEqual([
      expect.stringContaining('The partitions of such instances are given to those'),
    ]);
  });

  it.each([1, 2])(
    'run each its orchestrators, sub-orchestrations and entities in %i partitions that hold those of both',
    async (partitionCount) => {
      const taskHub = freshHubName('Other');
      const [shop, billing] = appPair(taskHub, partitionCount);
      await shop.start();
      await billing.start();

      const [orders, bills] = await Promise.all([
        startAll(shop, 'Order', 5),
        startAll(shop, 'Bill', 5),
      ]);
      for (const name of ['cart', 'account']) {
        await shop.hub.client.entities.signal(name, 'one', 'add', null);
      }
      const ends = await Promise.all(
        [...orders, ...bills].map((id) => shop.hub.ended(id, PATIENCE)),
      );
      const states = await eventually(async () => {
        const found = await Promise.all(
          ['cart', 'account'].map((name) => shop.hub.client.entities.readState(name, 'one')),
        );
        return found.every((state) => state !== undefined) && found;
      }, PATIENCE);

      expect(ends.map(({ output }) => output)).toEqual([
        ...orders.map(() => '["packed",["billed"]]'),
        ...bills.map(() => '["billed"]'),
      ]);
      expect(states).toEqual(['"shop"', '"billing"']);
    },
  );

  it('fail the instances of an app whose last worker is gone, by name, and not before', async () => {
    const taskHub = freshHubName('Other');
    const [shop, billing] = appPair(taskHub, 2);
    await bothOf(shop, billing);
    await billing.stop();

    const id = await shop.hub.client.start({ name: 'Bill', input: null });
    const end = await shop.hub.ended(id, PATIENCE);

    expect(end.runtimeStatus).toBe('Failed');
    expect(end.output).toContain(`The function 'Bill' doesn't exist`);
  });

  it('have one among them that does what is done once for the hub', async () => {
    const taskHub = freshHubName('Other');
    const [first, second] = [new Worker(taskHub, 'a', {}), new Worker(taskHub, 'b', {})];
    await bothOf(first, second);
    const leaders = [first, second].filter(({ hub }) => hub.backend.leads());
    expect(leaders).toHaveLength(1);
    const owned = [first, second].map(({ hub }) => hub.backend.ownedPartitions());
    expect(owned).toEqual([1, 1]);

    await leaders[0]?.stop();
    expect(leaders[0]?.hub.backend.ownedPartitions()).toBe(0);

    const [left] = running;
    await eventually(() => left?.hub.backend.leads(), PATIENCE);
    await eventually(() => left?.hub.backend.ownedPartitions() === 2, PATIENCE);
  });
});
