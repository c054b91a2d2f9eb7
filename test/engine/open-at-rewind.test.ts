/** What was open when an instance failed goes on after a rewind; with the official SDKs, for whatever was open and however it failed. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { FunctionInvoker } from '../../src/engine/function-invoker.ts';
import { withHttpActivity } from '../../src/function-app/durable-http/with-http-activity.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { startPeer, status, type HttpPeer } from '../function-app/durable-http/http-peer.ts';
import { AzureHub } from '../support/azure-hub.ts';
import { eventually } from '../support/eventually.ts';
import { ALL_SDKS, loadSdkApp, type Sdk, type SdkApp } from '../support/sdk-app.ts';
import { SdkHub } from '../support/sdk-hub.ts';

const APP = 'orchestrations/open-at-rewind.cjs';
const OPEN = [
  'activity',
  'retried',
  'child',
  'failingChild',
  'entity',
  'lock',
  'timer',
  'event',
  'http',
] as const;
const HOW = ['Together', 'TogetherWithChild', 'Later', 'Throws', 'CallsMissing'] as const;
const UNKEPT = { waitForOpenTimers: false, sessionCacheBytes: 0, commitWindowMs: 0 };
const CASES = [
  ...ALL_SDKS.map((sdk) => ({
    sdk,
    when: 'nothing is kept, and timers are not waited for',
    settings: UNKEPT,
  })),
  { sdk: '3.5.0' as const, when: 'sessions are kept, and timers are waited for', settings: {} },
];

interface Runs {
  readonly counts: Map<string, number>;
  readonly broken: Set<string>;
}

function runs(): Runs {
  return (globalThis as unknown as Record<symbol, Runs>)[Symbol.for('open at rewind')] as Runs;
}

let nextKey = 0;
let peer: HttpPeer;
beforeAll(async () => {
  let polls = 0;
  const later = status(202, { location: '/job', 'retry-after': '0.02' });
  peer = await startPeer({
    '/job': (response, request) => {
      (polls++ % 3 === 2 ? status(200, {}, 'ok') : later)(response, request);
    },
  });
});
afterAll(async () => {
  await peer.close();
});

/** The app as it was before the activity `Missing` was added to it. */
function withoutMissing(invoker: FunctionInvoker): FunctionInvoker {
  const { orchestrators, activities, entities } = invoker.functions;
  const known = activities.filter((name) => name !== 'Missing');
  return {
    functions: { orchestrators, activities: known, entities },
    openOrchestration: (invocation) => invoker.openOrchestration(invocation),
    runActivity: (invocation) => invoker.runActivity(invocation),
    runEntity: (invocation) => invoker.runEntity(invocation),
  };
}

function withHttp({ invoker }: SdkApp): FunctionInvoker {
  const tokens = () => Promise.reject(new Error('This test has no tokens.'));
  return withHttpActivity(invoker, { log: silentLogger, tokens });
}

/** Everything that may be open × every way to fail. */
function casesOf(sdk: Sdk) {
  return OPEN.flatMap((open) => HOW.map((how) => ({ open, how }))).filter(({ open, how }) => {
    if (open === 'lock') return sdk === '3.5.0';
    // Task.all of SDK 1.x ends when all of its tasks have.
    return !(open === 'event' && how.startsWith('Together') && sdk === '1.5.4');
  });
}

describe.each(CASES)('durable-functions $sdk, when $when', ({ sdk, settings }) => {
  let app: SdkApp;
  beforeAll(async () => {
    app = await loadSdkApp(sdk, APP);
  });
  afterAll(async () => {
    await app.dispose();
  });

  it('a rewind goes on with whatever was open', { timeout: 30_000 }, async () => {
    const old = new SdkHub(withoutMissing(withHttp(app)), settings);
    await old.worker.start();
    const started = await Promise.all(
      casesOf(sdk).map(async ({ open, how }) => {
        const key = `${open}-${how}-${nextKey++}`;
        if (how === 'Throws') runs().broken.add(key);
        return { key, id: await old.start(how, { open, key, url: `${peer.origin}/job` }, key) };
      }),
    );
    for (const { id } of started) {
      expect(await old.ended(id, 20_000)).toMatchObject({ runtimeStatus: 'Failed' });
    }
    await old.worker.stop();
    runs().broken.clear();
    const hub = old.again(withHttp(app), settings);
    await hub.worker.start();

    for (const { id } of started) await hub.client.rewind(id, null);
    for (const { id } of started) {
      if (id.startsWith('event')) await hub.client.raiseEvent(id, 'Go', null);
    }

    for (const { id } of started) {
      expect(await hub.ended(id, 20_000)).toMatchObject({
        instanceId: id,
        runtimeStatus: 'Completed',
        output: '"ok"',
      });
    }
    const calls = started.flatMap(({ key }) => runs().counts.get(`entity ${key}`) ?? []);
    expect(calls).toEqual(HOW.map(() => 1));
    await hub.worker.stop();
  });
});

describe('a critical section', () => {
  it('goes on after a rewind, and gives up its lock once', async () => {
    const app = await loadSdkApp('3.5.0', APP);
    const hub = new SdkHub(app.invoker);
    await hub.worker.start();
    const key = `section${nextKey++}`;
    const id = await hub.start('InSection', { key });
    expect(await hub.ended(id)).toMatchObject({ runtimeStatus: 'Failed' });

    await hub.client.rewind(id, null);

    expect(await hub.ended(id)).toMatchObject({ runtimeStatus: 'Completed', output: '"ok"' });
    const next = await hub.ended(await hub.start('InSection', { key }));
    expect(next).toMatchObject({ runtimeStatus: 'Completed', output: '"ok"' });
    await hub.worker.stop();
    await app.dispose();
  });
});

describe('in Azure Storage', () => {
  it('a rewind goes on with a tree of parents and children in which an entity was asked', async () => {
    const app = await loadSdkApp('3.5.0', APP);
    const hub = new AzureHub({}, { invoker: app.invoker });
    await hub.start();
    const key = `tree${nextKey++}`;
    const together = { child: 'Together', input: { open: 'entity', key } };
    const input = JSON.stringify({ child: 'Parent', input: together });
    const id = await hub.client.start({ name: 'Parent', input });
    expect(await hub.ended(id)).toMatchObject({ runtimeStatus: 'Failed' });

    await hub.client.rewind(id, null);

    await eventually(async () => {
      expect(await hub.ended(id)).toMatchObject({ runtimeStatus: 'Completed', output: '"ok"' });
      return true;
    });
    expect(runs().counts.get(`entity ${key}`)).toBe(1);
    await hub.stop();
    await hub.backend.deleteHub();
    await app.dispose();
  });
});
