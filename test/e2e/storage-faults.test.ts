/**
 * A host whose storage is there and does not do its work: too busy, slow, deaf to our credentials, without its queues. The host says
 * so where operators look, once, and goes on by itself when storage does.
 */
import { TableServiceClient } from '@azure/data-tables';
import { QueueServiceClient } from '@azure/storage-queue';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';
import { eventually } from '../support/eventually.ts';
import { FaultyProxy, type Spell } from '../support/faulty-proxy.ts';
import { startFunc, type FuncProcess } from '../support/func-process.ts';
import { LONG, LONG_MS } from '../support/patience.ts';
import { createScratchApp, type ScratchApp } from '../support/scratch-app.ts';

const APP = `
const df = require('durable-functions');
df.app.orchestration('goes', function* (context) {
  yield context.df.waitForExternalEvent('go');
  return yield context.df.callActivity('say', context.df.instanceId);
});
df.app.activity('say', { handler: (text) => text });
`;
const PATIENCE = { timeoutMs: 60_000, intervalMs: 100 };
const AWAY = /does not do its work/;
const MINUTE_MS = 60_000;
const BACK = /does its work again after/;

let proxy: FaultyProxy;
let app: ScratchApp;
let func: FuncProcess;
const hub = freshHubName('Faults');

beforeAll(async () => {
  proxy = await FaultyProxy.start(azuriteConnectionString());
  app = await createScratchApp({
    files: { 'package.json': { main: 'app.js' }, 'app.js': APP },
    packages: { 'durable-functions': 'durable-functions', '@azure/functions': '@azure/functions' },
  });
  func = await startFunc({
    cwd: app.folder,
    env: {
      AzureWebJobsStorage: proxy.connectionString,
      AzureFunctionsJobHost__extensions__durableTask__hubName: hub,
      AzureFunctionsJobHost__extensions__durableTask__metricsEndpoint: 'true',
      AzureFunctionsJobHost__extensions__durableTask__storageProvider__maxQueuePollingInterval:
        '00:00:01',
    },
  });
}, LONG_MS);

afterAll(async () => {
  proxy.cast(undefined);
  await func.stop();
  await proxy.stop();
  await app.remove();
});

interface Health {
  readonly status: string;
  readonly reason?: string;
  readonly since?: string;
}

async function ask(path: string): Promise<{ readonly status: number; readonly body: unknown }> {
  const response = await fetch(`${func.url}${path}`);
  return { status: response.status, body: await response.json() };
}

const post = (target: string): Promise<Response> =>
  fetch(`${func.url}/runtime/webhooks/durabletask/${target}`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
  });

/** Starts an instance that waits. */
async function startWaiting(id: string): Promise<void> {
  expect((await post(`orchestrators/goes/${id}`)).status).toBe(202);
  await untilStatus(id, 'Running');
}

async function untilStatus(id: string, wanted: string): Promise<unknown> {
  return eventually(async () => {
    const path = `/runtime/webhooks/durabletask/instances/${id}`;
    const { status, body } = await ask(path);
    const { runtimeStatus, output } = body as { runtimeStatus: string; output: unknown };
    if (runtimeStatus === wanted) return { output };
    throw new Error(`${id}: ${status} ${JSON.stringify(body)}`);
  }, PATIENCE);
}

/** It goes on with the instance that waits. */
async function goesOn(id: string): Promise<void> {
  await eventually(
    async () => (await post(`instances/${id}/raiseEvent/go`)).status === 202,
    PATIENCE,
  );
  expect(await untilStatus(id, 'Completed')).toEqual({ output: id });
}

async function untilReady(): Promise<void> {
  await eventually(async () => (await fetch(`${func.url}/readyz`)).status === 200, PATIENCE);
}

/** All that the log has said since, but for what functions say. */
function since(mark: number): readonly string[] {
  return func
    .output()
    .slice(mark)
    .split('\n')
    .filter((line) => line !== '' && !/Function|Executi/.test(line));
}

const SPELLS: readonly [string, Spell, RegExp][] = [
  ['is too busy', { status: 503, code: 'ServerBusy', retryAfterSeconds: 1 }, /ServerBusy/],
  ['throttles', { status: 429, code: 'TooManyRequests', retryAfterSeconds: 1 }, /429/],
  ['does not know us any more', { status: 403, code: 'AuthenticationFailed' }, /403/],
];

describe('a host whose storage', () => {
  it('is well is healthy and ready', async () => {
    expect(await ask('/healthz')).toEqual({ status: 200, body: { status: 'ok' } });
    expect(await ask('/readyz')).toEqual({ status: 200, body: { status: 'ok' } });
    expect((await ask('/admin/host/status')).body).toMatchObject({
      state: 'Running',
      health: { status: 'ok' },
    });
  });

  it.each(SPELLS)('%s says so, and goes on when that is over', LONG, async (name, spell, why) => {
    const id = name.replaceAll(' ', '-');
    await startWaiting(id);
    const mark = func.output().length;
    proxy.cast(spell);

    const unready = await eventually(async () => {
      const answer = await ask('/readyz');
      return answer.status === 503 ? (answer.body as Health) : undefined;
    }, PATIENCE);
    expect(unready).toMatchObject({ status: 'degraded' });
    expect(unready.reason).toMatch(why);
    expect(unready.since).toMatch(/^\d{4}-.*Z$/);
    expect(await ask('/healthz')).toEqual({ status: 200, body: unready });
    expect((await ask('/admin/host/status')).body).toMatchObject({
      state: 'Running',
      health: unready,
    });
    proxy.cast(undefined);
    await untilReady();
    await goesOn(id);
    const said = since(mark);
    expect(said.filter((line) => AWAY.test(line))).toHaveLength(1);
    expect(said.filter((line) => BACK.test(line))).toHaveLength(1);
    expect(said.filter((line) => !AWAY.test(line) && !BACK.test(line))).toEqual([]);
  });

  it('is minutes ahead of the machine says so once, and works', LONG, async () => {
    await startWaiting('minutes');
    const mark = func.output().length;
    proxy.cast({ clockAheadMs: 5 * MINUTE_MS });
    await goesOn('minutes');
    await eventually(() => since(mark).length > 0, PATIENCE);
    proxy.cast(undefined);
    await eventually(() => since(mark).length > 1, PATIENCE);

    const [off, right, ...others] = since(mark);
    expect(off).toContain("The clock of this machine is 5 minutes behind storage's");
    expect(right).toContain('The clock of this machine agrees with');
    expect(others).toEqual([]);
  });

  it(
    'refuses us since the clock of the machine is wrong says that, and goes on when it is right',
    LONG,
    async () => {
      await startWaiting('clock');
      const mark = func.output().length;
      proxy.cast({ clockAheadMs: 20 * MINUTE_MS });

      const reason = await eventually(async () => {
        const { status, body } = await ask('/readyz');
        return status === 503 ? (body as Health).reason : undefined;
      }, PATIENCE);
      expect(reason).toMatch(
        /HTTP 403.* The clock of this machine is 20 minutes behind storage's, .* put the clock right\.$/,
      );
      proxy.cast(undefined);
      await untilReady();
      await goesOn('clock');
      const said = since(mark);
      expect(said.filter((line) => AWAY.test(line))).toHaveLength(1);
      expect(said.filter((line) => BACK.test(line))).toHaveLength(1);
      expect(said).toHaveLength(4);
    },
  );

  it('is slow does everything, and is not called away', LONG, async () => {
    await startWaiting('slow');
    const mark = func.output().length;
    proxy.cast({ waitMs: 3_000 });
    await goesOn('slow');
    proxy.cast(undefined);

    // Claims to partitions are renewed in time, once it is known how slow it is.
    const said = since(mark);
    const isRenewal = (line: string): boolean => line.includes('partition ownership loop');
    expect(said.filter((line) => !isRenewal(line))).toEqual([]);
    expect(said.filter(isRenewal).length).toBeLessThan(3);
  });

  it('lost its queues puts them back', LONG, async () => {
    await startWaiting('deleted');
    const mark = func.output().length;
    const queues = QueueServiceClient.fromConnectionString(azuriteConnectionString());
    for await (const { name } of queues.listQueues({ prefix: hub.toLowerCase() })) {
      await queues.deleteQueue(name);
    }

    await eventually(() => since(mark).some((line) => AWAY.test(line)), PATIENCE);
    expect(since(mark).find((line) => AWAY.test(line))).toContain('QueueNotFound');
    await untilReady();
    await goesOn('deleted');
    expect(since(mark).filter((line) => BACK.test(line))).toHaveLength(1);
  });

  it('lost its tables puts them back, and runs what comes', LONG, async () => {
    await startWaiting('before');
    const mark = func.output().length;
    const tables = TableServiceClient.fromConnectionString(azuriteConnectionString(), {
      allowInsecureConnection: true,
    });
    for await (const { name = '' } of tables.listTables()) {
      if (name.startsWith(hub)) await tables.deleteTable(name);
    }

    await eventually(() => since(mark).some((line) => AWAY.test(line)), PATIENCE);
    expect(since(mark).find((line) => AWAY.test(line))).toContain('TableNotFound');
    await untilReady();
    await eventually(async () => (await post('orchestrators/goes/later')).status === 202, PATIENCE);
    await untilStatus('later', 'Running');
    await goesOn('later');
    expect(since(mark).filter((line) => BACK.test(line))).toHaveLength(1);
  });

  it('has counted all of it', async () => {
    const response = await fetch(`${func.url}/metrics`);
    expect(response.headers.get('content-type')).toContain('text/plain; version=0.0.4');
    const text = await response.text();
    const valueOf = (sample: string): number => {
      const line = text.split('\n').find((each) => each.startsWith(`${sample} `));
      return Number(line?.slice(sample.length + 1));
    };

    expect(valueOf('durabletask_instances_total{name="goes",status="Running"}')).toBe(9);
    expect(valueOf('durabletask_instances_total{name="goes",status="Completed"}')).toBe(8);
    expect(valueOf('durabletask_activity_seconds_count{name="say",result="completed"}')).toBe(8);
    expect(valueOf('durabletask_start_delay_seconds_count{name="goes"}')).toBe(9);
    expect(valueOf('durabletask_session_lookups_total{result="hit"}')).toBeGreaterThan(0);
    expect(valueOf('durabletask_events_total{event="StorageAway",level="error"}')).toBe(6);
    expect(text).toMatch(/durabletask_storage_requests_total\{.*result="503"\} [1-9]/);
    expect(text).toMatch(/durabletask_storage_requests_total\{.*result="403"\} [1-9]/);
    expect(text).toMatch(/durabletask_queue_messages\{queue="[^"]+-control-00"\} 0/);
    expect(valueOf('durabletask_degraded')).toBe(0);
    expect(text).toContain('durabletask_event_loop_delay_seconds{quantile="0.99"}');
  });
});
