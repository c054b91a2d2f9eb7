/**
 * Random orchestrators on the real SDKs and an unruly backend give what the same program gives without any engine, and run each
 * activity exactly as often. `RANDOM_ORCHESTRATOR_RUNS` sets the runs per setting; `RANDOM_ORCHESTRATOR_SEED` repeats one.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { answeredId } from '../../src/core/answered-request.ts';
import { InstanceStateConflictError } from '../../src/core/errors.ts';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import { withHttpActivity } from '../../src/function-app/durable-http/with-http-activity.ts';
import { createLocalBackend } from '../../src/local/local-backend.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { type HttpPeer, startPeer } from '../function-app/durable-http/http-peer.ts';
import { ALL_SDKS, loadSdkApp, type Sdk, type SdkApp, UNKNOWN_SDK } from '../support/sdk-app.ts';
import { localOptions, removeFolder, temporaryFolder } from '../support/local-hub.ts';
import { SdkHub } from '../support/sdk-hub.ts';
import { randomFrom, unrulyBackend } from '../support/unruly-backend.ts';
import { evaluate, programOf, type Statement, withoutCounts } from './random-program.ts';

const SEED = process.env['RANDOM_ORCHESTRATOR_SEED'];
const RUNS = Number(process.env['RANDOM_ORCHESTRATOR_RUNS'] ?? 0);

const WAYS = [
  { how: 'with sessions kept', settings: { commitWindowMs: 0 }, losesCommits: true },
  {
    how: 'with every session read from storage',
    settings: { commitWindowMs: 0, sessionCacheBytes: 0 },
    losesCommits: true,
  },
  { how: 'with a commit window', settings: { commitWindowMs: 20 }, losesCommits: false },
  {
    how: 'with a commit window and every session read from storage',
    settings: { commitWindowMs: 20, sessionCacheBytes: 0 },
    losesCommits: false,
  },
  ...[0, 20].flatMap((commitWindowMs) =>
    [{}, { sessionCacheBytes: 0 }].map((cache) => ({
      how: `with commits that leak${commitWindowMs > 0 ? ', a commit window' : ''}${'sessionCacheBytes' in cache ? ', every session read from storage' : ''}`,
      settings: { commitWindowMs, ...cache },
      losesCommits: true,
      leaksCommits: true,
    })),
  ),
] as const;
/** Where the programs run. A folder is slower, and stores what is delivered by the same rules: a few tell. */
const STORES = ['memory', 'local'] as const;
const LOCAL_SHARE = 5;
const DEFAULT_RUNS = { '1.5.4': 6, '2.1.3': 6, '3.5.0': 15, unknown: 6 } as const;

const executed = ((process as unknown as Record<string, unknown>)['executedActivities'] ??=
  new Map()) as Map<string, string[]>;
let runs = 0;

/** Answers `/run/key/polls`: 202 and where to ask next while there are polls left, then the key. */
async function startJobs(): Promise<HttpPeer> {
  return startPeer({}, (response, { url }) => {
    const [, run = '', key = '', polls] = url.split('/');
    executed.set(run, [...(executed.get(run) ?? []), key]);
    if (polls === '0') return response.end(key);
    const next = `/${run}/${key}/${String(Number(polls) - 1)}`;
    return response.writeHead(202, { Location: next, 'Retry-After': '0' }).end();
  });
}

/** Each request has an id of its own, and at most one answer. */
function expectSound(history: readonly HistoryEvent[]): void {
  const requests = history.flatMap((event) =>
    /^(TaskScheduled|TimerCreated|SubOrchestrationInstanceCreated|EventSent)$/.test(event.EventType)
      ? [event.EventId]
      : [],
  );
  const answers = history.map(answeredId).filter((id) => id !== undefined);
  expect(requests).toEqual([...new Set(requests)]);
  expect(answers).toEqual([...new Set(answers)]);
  expect(requests).toEqual(expect.arrayContaining(answers));
}

async function expectAsEvaluated(
  hub: SdkHub,
  body: readonly Statement[],
  { seed, leaks }: { readonly seed: number; readonly leaks: boolean },
) {
  const run = `run${String(runs++)}`;
  const expected = evaluate(body, run);
  const random = randomFrom(seed);
  const id = await hub.start('Program', { body, results: [], run }, run);
  const events = [...expected.events].flatMap(([name, count]) => Array<string>(count).fill(name));
  for (const name of events) {
    if (random() < 0.5) await new Promise((resolve) => setTimeout(resolve, random() * 10));
    const spelled = random() < 0.3 ? name.toLowerCase() : name;
    try {
      await hub.client.raiseEvent(id, spelled, JSON.stringify(name));
    } catch (error) {
      // Not every program needs all its events to end.
      if (!(error instanceof InstanceStateConflictError)) throw error;
    }
  }

  const { runtimeStatus, output } = await hub.ended(id, 15_000);
  expectSound(await hub.client.readHistory(id));
  const { output: expectedOutput } = expected;
  if (expectedOutput === undefined) {
    expect(runtimeStatus).toBe('Failed');
    expect(output).toMatch(/k\S+ fails/);
    return;
  }
  expect(runtimeStatus === 'Completed' ? JSON.parse(output ?? '') : output).toEqual(expectedOutput);
  const ran = (executed.get(run) ?? []).sort();
  // What leaked ran as well.
  expect(leaks ? [...new Set(ran)] : ran).toEqual(
    leaks ? [...new Set(expected.activities)] : expected.activities,
  );
  for (const [key, count] of expected.tallies) {
    const tally = expect.poll(
      async () => Number(await hub.client.entities.readState('tally', `${run}-${key}`)),
      { timeout: 5000 },
    );
    // A step that comes to other messages than before may send a signal in another place: that is another signal.
    await (leaks ? tally.toBeGreaterThanOrEqual(count) : tally.toBe(count));
  }
}

describe.each<Sdk | typeof UNKNOWN_SDK>([...ALL_SDKS, UNKNOWN_SDK])(
  'random orchestrators of durable-functions %s',
  (sdk) => {
    let app: SdkApp;
    let jobs: HttpPeer;
    beforeAll(async () => {
      app = await loadSdkApp(sdk, 'orchestrations/random-programs.cjs');
      jobs = await startJobs();
      Object.assign(process, { randomProgramsOrigin: jobs.origin });
    });
    afterAll(async () => {
      await jobs.close();
      await app.dispose();
    });

    const ways = STORES.flatMap((store) => WAYS.map((way) => ({ ...way, store })));

    it.each(ways)('give what they mean, $how, in $store', { timeout: 3_600_000 }, async (way) => {
      const isLocal = way.store === 'local';
      const seeds = fc.nat();
      await fc.assert(
        fc.asyncProperty(
          programOf(sdk === UNKNOWN_SDK ? '3.5.0' : sdk),
          seeds,
          async (program, seed) => {
            const leaks = 'leaksCommits' in way;
            const body = leaks ? withoutCounts(program) : program;
            const invoker = withHttpActivity(app.invoker, {
              log: silentLogger,
              tokens: () => Promise.reject(new Error('No program asks for a token.')),
            });
            const folder = isLocal ? temporaryFolder() : undefined;
            const options = folder && localOptions(folder, { redeliveryPauseMs: () => 5 });
            const hub = new SdkHub(invoker, way.settings, (backend) =>
              unrulyBackend(options ? createLocalBackend(options) : backend, {
                seed,
                losesCommits: way.losesCommits,
                leaksCommits: leaks,
              }),
            );
            await hub.backend.createHub();
            await hub.worker.start();
            try {
              await expectAsEvaluated(hub, body, { seed, leaks });
            } finally {
              await hub.worker.stop();
              if (folder !== undefined) removeFolder(folder);
            }
          },
        ),
        {
          numRuns: RUNS || Math.ceil(DEFAULT_RUNS[sdk] / (isLocal ? LOCAL_SHARE : 1)),
          ...(SEED === undefined ? {} : { seed: Number(SEED) }),
          // A shrunk program is worth less than an answer in time.
          ...(RUNS > 0 ? {} : { endOnFailure: true }),
        },
      );
    });
  },
);
