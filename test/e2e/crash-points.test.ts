/**
 * Every request that the engine makes of storage may fail, may lose its answer, or may be the last of its process. Whatever
 * happens, the orchestration ends as it should, and nothing is left behind.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { AzureHub, SHORT_LEASES } from '../support/azure-hub.ts';
import { azuriteConnectionString } from '../support/azurite.ts';
import {
  asTheyShould,
  CRASH_RUNS,
  type CrashRun,
  endsOf,
  loadCrashApp,
  outlive,
  runToEnd,
  startVictim,
} from '../support/crash-points.ts';
import { type Fault, FaultyProxy, type FaultKind } from '../support/faulty-proxy.ts';
import { IS_IN_FULL } from '../support/in-full.ts';
import { patient } from '../support/patience.ts';
import type { SdkApp } from '../support/sdk-app.ts';

const PARALLEL_RUNS = 24;
const FAILURES: readonly FaultKind[] = ['refuse', 'reset', 'lose', 'lose-once'];
/**
 * One in so many requests is broken, unless all are. Not a few of the kills leave a message for an execution that a restart of the step
 * has replaced, which is dropped a minute later: the sample leaves these to the whole.
 */
const STEPS: Readonly<Record<string, number>> = { Everything: 15, Accounts: 30, Races: 25 };
/** The whole takes as long as it takes. */
const PATIENCE_MS = IS_IN_FULL ? 3_600_000 : patient(600_000);

let app: SdkApp;

beforeAll(async () => {
  app = await loadCrashApp();
});

afterAll(() => app.dispose());

describe.each(CRASH_RUNS)('an orchestration ($name) $window', (crashRun) => {
  const step = STEPS[crashRun.name] ?? 1;

  it('survives what may happen to a request', { timeout: PATIENCE_MS }, async () => {
    const faults = faultsOf(await requestsOf(crashRun), FAILURES, step);
    expect(faults.length).toBeGreaterThan(4);

    const ends = await endsOf(faults, PARALLEL_RUNS, (fault) => survive(crashRun, fault));

    expect(ends).toEqual(asTheyShould(faults));
  });

  it('survives its process, whenever that is killed', { timeout: PATIENCE_MS }, async () => {
    const faults = faultsOf(await requestsOf(crashRun), ['stop-before', 'stop-after'], step + 4);
    expect(faults.length).toBeGreaterThan(1);

    const ends = await endsOf(faults, PARALLEL_RUNS, (fault) => outliveKill(crashRun, fault));

    expect(ends).toEqual(asTheyShould(faults));
  });
});

/** Every kind of fault at every request, or at every `step`th one, each kind at others. */
function faultsOf(total: number, kinds: readonly FaultKind[], step: number): readonly Fault[] {
  const points = Array.from({ length: total }, (_, index) => index + 1);
  return kinds.flatMap((kind, turn) =>
    points
      .filter((at) => IS_IN_FULL || at % step === (turn * 2 + 1) % step)
      .map((at) => ({ kind, at })),
  );
}

async function requestsOf(crashRun: CrashRun): Promise<number> {
  let total = 0;
  await run(crashRun, undefined, ({ seen }) => (total = seen.length));
  return total;
}

async function survive(crashRun: CrashRun, fault: Fault): Promise<void> {
  let request = '';
  try {
    await run(crashRun, fault, ({ seen }) => (request = seen[fault.at - 1] ?? ''));
  } catch (error) {
    throw new Error(request, { cause: error });
  }
}

async function run(
  crashRun: CrashRun,
  fault: Fault | undefined,
  atEnd: (proxy: FaultyProxy) => void,
): Promise<void> {
  const proxy = await FaultyProxy.start(azuriteConnectionString());
  const { commitWindowMs } = crashRun;
  const hub = new AzureHub(
    { ...SHORT_LEASES, account: proxy.connectionString },
    { invoker: app.invoker, settings: { commitWindowMs } },
  );
  const observer = hub.observer(azuriteConnectionString());
  try {
    await hub.start();
    proxy.arm(fault);
    await runToEnd(crashRun, hub, observer);
  } finally {
    atEnd(proxy);
    await hub.stop();
    await proxy.stop();
    await observer.backend.deleteHub();
  }
}

async function outliveKill(crashRun: CrashRun, { kind, at }: Fault): Promise<void> {
  const proxy = await FaultyProxy.start(azuriteConnectionString());
  const { commitWindowMs } = crashRun;
  const next = new AzureHub(SHORT_LEASES, { invoker: app.invoker, settings: { commitWindowMs } });
  const storage = { ...next.options, account: proxy.connectionString };
  const victim = await startVictim(app, crashRun, storage);
  try {
    proxy.arm({ kind, at, onStop: victim.kill });
    await outlive(crashRun, victim, next);
  } catch (error) {
    throw new Error(proxy.seen[at - 1] ?? '', { cause: error });
  } finally {
    victim.kill();
    await next.stop();
    await proxy.stop();
    await next.backend.deleteHub();
  }
}
