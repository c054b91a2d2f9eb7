/**
 * Every request that the engine makes of storage may fail, may lose its answer, or may be the last of its process. Whatever
 * happens, the orchestration ends as it should, and nothing is left behind.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InstanceExistsError, InstanceStateConflictError } from '../../src/core/errors.ts';
import { AzureHub, SHORT_LEASES } from '../support/azure-hub.ts';
import { azuriteConnectionString } from '../support/azurite.ts';
import { eventually } from '../support/eventually.ts';
import { type Fault, FaultyProxy, type FaultKind } from '../support/faulty-proxy.ts';
import { startHubProcess } from '../support/hub-process.ts';
import { patient } from '../support/patience.ts';
import { loadSdkApp, type SdkApp, TRIGGER_SETTINGS } from '../support/sdk-app.ts';

interface Scenario {
  /** Of the orchestrator. */
  readonly name: string;
  readonly output: unknown;
  readonly child?: { readonly output: string };
  /** States of the accounts at the end. */
  readonly accounts?: Readonly<Record<string, string>>;
  /** Raised all at once. @default Go */
  readonly events?: readonly string[];
  /** One in so many requests is broken, unless all are. */
  readonly step: number;
}

const EVENT = { go: true };
const SCENARIOS: readonly Scenario[] = [
  {
    name: 'Everything',
    output: {
      hello: ['Hello Tokyo!', 'Hello Seattle!', 'Hello London!'],
      event: EVENT,
      child: 'Hello Kyoto!',
      fan: [0, 1, 4, 9, 16],
    },
    child: { output: '"Hello Kyoto!"' },
    step: 8,
  },
  {
    name: 'Accounts',
    output: { seen: 4, from: 102 },
    accounts: { from: '102', to: '3' },
    step: 20,
  },
  {
    name: 'Races',
    output: [true, true, true],
    events: [0, 1, 2].flatMap((round) => [`A${round}`, `B${round}`]),
    step: 20,
  },
];
const PARALLEL_RUNS = 24;
const FAILURES: readonly FaultKind[] = ['refuse', 'reset', 'lose', 'lose-once'];
/** `DURABLE_TEST_CRASH_POINTS=all` breaks every request in every way: some minutes. Otherwise each way breaks some of them. */
const IS_FULL = process.env['DURABLE_TEST_CRASH_POINTS'] === 'all';
/** The whole takes as long as it takes. */
const PATIENCE_MS = IS_FULL ? 3_600_000 : patient(600_000);
const WINDOWS = [
  { window: 'without a commit window', commitWindowMs: 0 },
  { window: 'with a commit window', commitWindowMs: 100 },
];
/** Entities have no window: in short they are tried in one way only. */
const RUNS = SCENARIOS.flatMap((scenario) =>
  WINDOWS.slice(0, scenario.accounts && !IS_FULL ? 1 : 2).map((way) => ({
    name: scenario.name,
    scenario,
    ...way,
  })),
);

let app: SdkApp;

beforeAll(async () => {
  app = await loadSdkApp('3.5.0', 'orchestrations/crash-points.cjs');
});

afterAll(() => app.dispose());

describe.each(RUNS)('an orchestration ($name) $window', ({ scenario, commitWindowMs }) => {
  const { step } = scenario;
  it('survives what may happen to a request', { timeout: PATIENCE_MS }, async () => {
    const total = await requestsOf(scenario, commitWindowMs);
    const faults = faultsOf(total, FAILURES, step);
    expect(faults.length).toBeGreaterThan(8);
    const outcomes = await inParallel(faults, (fault) => survive(scenario, fault, commitWindowMs));
    expect(outcomes).toEqual(faults.map((fault) => ({ ...fault, ended: 'as it should' })));
  });

  it('survives its process, whenever that is killed', { timeout: PATIENCE_MS }, async () => {
    const total = await requestsOf(scenario, commitWindowMs);
    const faults = faultsOf(total, ['stop-before', 'stop-after'], step + 4);
    expect(faults.length).toBeGreaterThan(1);
    const outcomes = await inParallel(faults, (fault) => outlive(scenario, fault, commitWindowMs));
    expect(outcomes).toEqual(faults.map((fault) => ({ ...fault, ended: 'as it should' })));
  });
});

/** Every kind of fault at every request, or at every `step`th one, each kind at others. */
function faultsOf(total: number, kinds: readonly FaultKind[], step: number): readonly Fault[] {
  const points = Array.from({ length: total }, (_, index) => index + 1);
  return kinds.flatMap((kind, turn) =>
    points
      .filter((at) => IS_FULL || at % step === (turn * 2 + 1) % step)
      .map((at) => ({ kind, at })),
  );
}

/** A process is killed in the middle of the scenario, and another one goes on. */
async function outlive(scenario: Scenario, { kind, at }: Fault, commitWindowMs: number) {
  const proxy = await FaultyProxy.start(azuriteConnectionString());
  const settings = { commitWindowMs };
  const next = new AzureHub(SHORT_LEASES, { invoker: app.invoker, settings });
  const child = await startHubProcess({
    scriptRoot: app.folder,
    storage: { ...next.options, account: proxy.connectionString },
    triggers: TRIGGER_SETTINGS,
    commitWindowMs,
    name: scenario.name,
    instanceId: 'i',
    events: scenario.events ?? ['Go'],
    event: EVENT,
  });
  try {
    proxy.arm({ kind, at, onStop: child.kill });
    child.begin();
    // A window that closes late makes do with fewer requests: then the orchestration may end before its process does.
    await Promise.race([child.exited, next.ended('i', { timeoutMs: 60_000 })]);
    child.kill();
    await child.exited;
    await next.start();
    await begin(next, scenario, 'i');
    await expectEnd(next, scenario, 'i');
    return { kind, at, ended: 'as it should' };
  } catch (error) {
    return { kind, at, ended: `${proxy.seen[at - 1] ?? ''}: ${String(error)}` };
  } finally {
    child.kill();
    await next.stop();
    await proxy.stop();
    await next.backend.deleteHub();
  }
}

async function requestsOf(scenario: Scenario, commitWindowMs: number): Promise<number> {
  let total = 0;
  await run(scenario, commitWindowMs, undefined, ({ seen }) => (total = seen.length));
  return total;
}

async function survive(scenario: Scenario, fault: Fault, commitWindowMs: number) {
  let request = '';
  try {
    await run(scenario, commitWindowMs, fault, ({ seen }) => (request = seen[fault.at - 1] ?? ''));
    return { ...fault, ended: 'as it should' };
  } catch (error) {
    return { ...fault, ended: `${request}: ${String(error)}` };
  }
}

async function run(
  scenario: Scenario,
  commitWindowMs: number,
  fault: Fault | undefined,
  atEnd: (proxy: FaultyProxy) => void,
): Promise<void> {
  const proxy = await FaultyProxy.start(azuriteConnectionString());
  const hub = new AzureHub(
    { ...SHORT_LEASES, account: proxy.connectionString },
    { invoker: app.invoker, settings: { commitWindowMs } },
  );
  const observer = hub.observer(azuriteConnectionString());
  try {
    await hub.start();
    proxy.arm(fault);
    await begin(hub, scenario, 'i');
    await expectEnd(observer, scenario, 'i');
  } finally {
    atEnd(proxy);
    await hub.stop();
    await proxy.stop();
    await observer.backend.deleteHub();
  }
}

/** As a client does it: what failed is tried again, under the same id. */
async function begin(
  { client }: AzureHub,
  { name, events = ['Go'] }: Scenario,
  instanceId: string,
): Promise<void> {
  await eventually(async () => {
    // One that has ended already would be started over.
    if (await client.findStatus(instanceId, { input: false })) return true;
    try {
      await client.start({ name, instanceId, input: null });
    } catch (error) {
      if (!(error instanceof InstanceExistsError)) throw error;
    }
    return true;
  });
  await Promise.all(
    events.map((event) =>
      eventually(async () => {
        try {
          await client.raiseEvent(instanceId, event, JSON.stringify(EVENT));
        } catch (error) {
          if (!(error instanceof InstanceStateConflictError)) throw error;
        }
        return true;
      }),
    ),
  );
}

async function expectEnd(
  observer: AzureHub,
  { output, child: childOf, accounts = {} }: Scenario,
  instanceId: string,
): Promise<void> {
  const record = await observer.ended(instanceId, { timeoutMs: 60_000 });
  expect([record.runtimeStatus, JSON.parse(record.output ?? '')]).toEqual(['Completed', output]);
  if (childOf) {
    const child = await observer.ended(`${instanceId}-child`, { timeoutMs: 30_000 });
    expect([child.runtimeStatus, child.output]).toEqual(['Completed', childOf.output]);
  }
  await eventually(
    async () => {
      expect(await observer.messageCount()).toBe(0);
      return true;
    },
    { timeoutMs: 60_000, intervalMs: 250 },
  );
  for (const [key, balance] of Object.entries(accounts)) {
    expect([key, await observer.client.entities.readState('account', key)]).toEqual([key, balance]);
  }
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
