/**
 * Every transaction may fail, may be stored without an answer, or may be the last of its process. Whatever happens, the
 * orchestration ends as it should, and nothing is left behind.
 */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { TransactionListener } from '../../src/local/group-commit.ts';
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
import { LocalHub, localOptions, removeFolder, temporaryFolder } from '../support/local-hub.ts';
import { IS_IN_FULL } from '../support/in-full.ts';
import { LONG_MS } from '../support/patience.ts';
import type { SdkApp } from '../support/sdk-app.ts';

type Moment = keyof TransactionListener;

const PARALLEL_RUNS = 8;
const MOMENTS: readonly Moment[] = ['committing', 'committed'];
/** One in so many transactions fails, and at one in so many the process is killed, unless at all; in each moment at others. */
const FAIL_STEP = 3;
const KILL_STEP = 9;
const FIRST: Readonly<Record<Moment, number>> = { committing: 2, committed: 4 };

let app: SdkApp;

beforeAll(async () => {
  app = await loadCrashApp();
});

afterAll(() => app.dispose());

describe.each(CRASH_RUNS)('an orchestration ($name) $window', (crashRun) => {
  it.each(MOMENTS)(
    'survives each transaction that fails while it is %s',
    { timeout: 5 * LONG_MS },
    async (moment) => {
      const points = someOf(await transactionsOf(crashRun), FAIL_STEP, FIRST[moment]);

      const ends = await endsOf(points, PARALLEL_RUNS, (point) =>
        run(crashRun, {
          [moment]: (transaction: number) => {
            if (transaction === point) throw new Error(`The disk fails at ${point}.`);
          },
        }),
      );

      expect(ends).toEqual(asTheyShould(points));
      expect(points.length).toBeGreaterThan(1);
    },
  );

  it.each(MOMENTS)(
    'survives its process, killed while a transaction is %s',
    { timeout: 10 * LONG_MS },
    async (killWhen) => {
      const points = someOf(await transactionsOf(crashRun), KILL_STEP, FIRST[killWhen]);
      expect(points.length).toBeGreaterThan(0);

      const ends = await endsOf(points, PARALLEL_RUNS, (killAt) =>
        outliveKill(crashRun, { killAt, killWhen }),
      );

      expect(ends).toEqual(asTheyShould(points));
    },
  );
});

function someOf(points: readonly number[], step: number, first: number): readonly number[] {
  return points.filter((point) => IS_IN_FULL || point % step === first % step);
}

async function transactionsOf(crashRun: CrashRun): Promise<readonly number[]> {
  let total = 0;
  await run(crashRun, { committed: (transaction) => (total = transaction) });
  return Array.from({ length: total }, (_, index) => index + 1);
}

/** @param transactions is told of none before the orchestration begins. */
async function run(crashRun: CrashRun, transactions: TransactionListener): Promise<void> {
  const folder = temporaryFolder();
  const { commitWindowMs } = crashRun;
  let isArmed = false;
  const armed: TransactionListener = {
    committing: (transaction) => {
      if (isArmed) transactions.committing?.(transaction);
    },
    committed: (transaction) => {
      if (isArmed) transactions.committed?.(transaction);
    },
  };
  const changes = { redeliveryPauseMs: () => 20, transactions: armed };
  const hub = new LocalHub(folder, changes, { invoker: app.invoker, settings: { commitWindowMs } });
  try {
    await hub.start();
    isArmed = true;
    await runToEnd(crashRun, hub, hub);
  } finally {
    await hub.stop();
    removeFolder(folder);
  }
}

async function outliveKill(
  crashRun: CrashRun,
  kill: { readonly killAt: number; readonly killWhen: Moment },
): Promise<void> {
  const folder = temporaryFolder();
  const { path, taskHub } = localOptions(folder);
  const victim = await startVictim(app, crashRun, { path, taskHub, ...kill });
  const { commitWindowMs } = crashRun;
  const next = new LocalHub(folder, {}, { invoker: app.invoker, settings: { commitWindowMs } });
  try {
    await outlive(crashRun, victim, next);
  } finally {
    victim.kill();
    await next.stop();
    removeFolder(folder);
  }
}
