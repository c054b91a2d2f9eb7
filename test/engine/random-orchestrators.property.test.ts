/**
 * Random orchestrators on the real SDKs and an unruly backend give what the same program gives without any engine, and run each
 * activity exactly as often. `RANDOM_ORCHESTRATOR_RUNS` sets the runs per setting; `RANDOM_ORCHESTRATOR_SEED` repeats one.
 */
import fc from 'fast-check';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { InstanceStateConflictError } from '../../src/core/errors.ts';
import { withHttpActivity } from '../../src/function-app/durable-http/with-http-activity.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { type HttpPeer, startPeer } from '../function-app/durable-http/http-peer.ts';
import { ALL_SDKS, loadSdkApp, type SdkApp } from '../support/sdk-app.ts';
import { SdkHub } from '../support/sdk-hub.ts';
import { randomFrom, unrulyBackend } from '../support/unruly-backend.ts';
import { evaluate, programOf, type Statement } from './random-program.ts';

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
];
const DEFAULT_RUNS = { '1.5.4': 10, '2.1.3': 10, '3.5.0': 30 } as const;

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

async function expectAsEvaluated(hub: SdkHub, body: readonly Statement[], seed: number) {
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

  const { output: expectedOutput } = expected;
  if (expectedOutput === undefined) {
    expect(runtimeStatus).toBe('Failed');
    expect(output).toMatch(/k\S+ fails/);
    return;
  }
  expect(runtimeStatus === 'Completed' ? JSON.parse(output ?? '') : output).toEqual(expectedOutput);
  expect((executed.get(run) ?? []).sort()).toEqual(expected.activities);
  for (const [key, count] of expected.tallies) {
    await expect
      .poll(() => hub.client.entities.readState('tally', `${run}-${key}`), { timeout: 5000 })
      .toBe(String(count));
  }
}

describe.each(ALL_SDKS)('random orchestrators of durable-functions %s', (sdk) => {
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

  it.each(WAYS)('give what they mean, $how', { timeout: 3_600_000 }, async (way) => {
    const seeds = fc.nat();
    await fc.assert(
      fc.asyncProperty(programOf(sdk), seeds, async (body, seed) => {
        const invoker = withHttpActivity(app.invoker, {
          log: silentLogger,
          tokens: () => Promise.reject(new Error('No program asks for a token.')),
        });
        const hub = new SdkHub(invoker, way.settings, (backend) =>
          unrulyBackend(backend, { seed, losesCommits: way.losesCommits }),
        );
        await hub.worker.start();
        try {
          await expectAsEvaluated(hub, body, seed);
        } finally {
          await hub.worker.stop();
        }
      }),
      {
        numRuns: RUNS || DEFAULT_RUNS[sdk],
        ...(SEED === undefined ? {} : { seed: Number(SEED) }),
        // A shrunk program is worth less than an answer in time.
        ...(RUNS > 0 ? {} : { endOnFailure: true }),
      },
    );
  });
});
