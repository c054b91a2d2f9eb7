/**
 * A host whose storage has no room left, be it that of an emulator or the folder of the hub: it says so where operators look, once, and
 * goes on without a restart when there is room. Azurite itself takes nothing more once its disk was full, room or not, and has to
 * be started again; it then knows what it had saved before.
 */
import { readFileSync } from 'node:fs';
import path from 'node:path';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { freshHubName, startAzurite, type RunningAzurite } from '../support/azurite.ts';
import { eventually } from '../support/eventually.ts';
import { startFunc, type FuncProcess } from '../support/func-process.ts';
import { LONG } from '../support/patience.ts';
import { createScratchApp, type ScratchApp } from '../support/scratch-app.ts';
import { SmallDisk } from '../support/small-disk.ts';

const APP = `
const df = require('durable-functions');
df.app.orchestration('goes', function* (context) {
  const before = yield context.df.callActivity('say', 'before');
  yield context.df.waitForExternalEvent('go');
  return [before, yield context.df.callActivity('say', 'after')];
});
df.app.activity('say', { handler: (text) => text });
`;
const PATIENCE = { timeoutMs: 60_000, intervalMs: 200 };
const AWAY = /does not do its work/;
const BACK = /does its work again after/;
const DURABLE = 'AzureFunctionsJobHost__extensions__durableTask__';
const IDS = [0, 1, 2, 3].map((n) => `waits-${n}`);

let app: ScratchApp;
let func: FuncProcess | undefined;
let azurite: RunningAzurite | undefined;
let disk: SmallDisk | undefined;
beforeAll(async () => {
  app = await createScratchApp({
    files: { 'package.json': { main: 'app.js' }, 'app.js': APP },
    packages: { 'durable-functions': 'durable-functions', '@azure/functions': '@azure/functions' },
  });
});
afterAll(() => app.remove());
afterEach(async () => {
  await func?.stop();
  await azurite?.stop();
  disk?.remove();
  [func, azurite, disk] = [undefined, undefined, undefined];
});

async function startHost(env: Readonly<Record<string, string>>): Promise<void> {
  const polls = { [`${DURABLE}storageProvider__maxQueuePollingInterval`]: '00:00:01' };
  func = await startFunc({ cwd: app.folder, env: { ...polls, ...env } });
}

const ask = (target: string, init?: RequestInit): Promise<Response> =>
  fetch(`${func?.url ?? ''}${target}`, init);

const post = async (target: string): Promise<number> => {
  const headers = { 'content-type': 'application/json' };
  const path = `/runtime/webhooks/durabletask/${target}`;
  return (await ask(path, { method: 'POST', headers, body: 'null' })).status;
};

async function untilStatus(id: string, wanted: string): Promise<unknown> {
  return eventually(async () => {
    const response = await ask(`/runtime/webhooks/durabletask/instances/${id}`);
    const { runtimeStatus, output } = (await response.json()) as Record<string, unknown>;
    if (runtimeStatus === wanted) return { output };
    throw new Error(`${id}: ${response.status} ${String(runtimeStatus)}`);
  }, PATIENCE);
}

async function startWaiting(): Promise<void> {
  for (const id of IDS) expect(await post(`orchestrators/goes/${id}`)).toBe(202);
  for (const id of IDS) await untilStatus(id, 'Running');
}

/** Starts are refused, and say so where operators look. @returns the reason that is given. */
async function refuses(): Promise<string> {
  const refused = await eventually(async () => {
    const status = await post(`orchestrators/goes/refused-${Date.now()}`);
    return status === 202 ? undefined : status;
  }, PATIENCE);
  expect(refused).toBe(503);
  const unready = await ask('/readyz');
  const body = (await unready.json()) as { status: string; reason: string };
  expect([unready.status, body.status]).toEqual([503, 'degraded']);
  expect(await (await ask('/healthz')).json()).toEqual(body);
  expect(await (await ask('/admin/host/status')).json()).toMatchObject({ health: body });
  return body.reason;
}

/** Goes on with all that was begun before the disk was full, and tells of one outage. */
async function goesOn(): Promise<void> {
  for (const id of IDS) {
    await eventually(async () => (await post(`instances/${id}/raiseEvent/go`)) === 202, PATIENCE);
  }
  for (const id of IDS) {
    expect(await untilStatus(id, 'Completed')).toEqual({ output: ['before', 'after'] });
  }
  await eventually(async () => (await ask('/readyz')).status === 200, PATIENCE);
  const lines = func?.output().split('\n') ?? [];
  expect(lines.filter((line) => AWAY.test(line))).toHaveLength(1);
  expect(lines.filter((line) => BACK.test(line))).toHaveLength(1);
}

describe('a full disk', () => {
  it('of an emulator', LONG, async ({ skip }) => {
    const mounted = SmallDisk.mount(16);
    if (typeof mounted === 'string') return skip(mounted);
    disk = mounted;
    const emulator = await startAzurite({ folder: disk.folder, isSaving: true });
    azurite = emulator;
    await startHost({
      AzureWebJobsStorage: emulator.connectionString,
      [`${DURABLE}hubName`]: freshHubName('Full'),
    });
    await startWaiting();
    await eventually(() => IDS.every((id) => isSaved(mounted, id)), PATIENCE);

    disk.fill();
    const reason = await refuses();
    // Polls are answered all the while, and that is not taken for the end.
    await new Promise((resolve) => setTimeout(resolve, 4_000));
    expect(await refuses()).toBe(reason);
    await emulator.halt();
    disk.makeRoom();
    await emulator.resume();

    expect(reason).toMatch(/^Could not put a message to queue '.*': HTTP 500/);
    await goesOn();
  });

  it('with the folder of a hub', LONG, async ({ skip }) => {
    const mounted = SmallDisk.mount(24);
    if (typeof mounted === 'string') return skip(mounted);
    disk = mounted;
    await startHost({
      [`${DURABLE}storageProvider__type`]: 'local',
      [`${DURABLE}storageProvider__path`]: disk.folder,
      [`${DURABLE}hubName`]: 'Full',
    });
    await startWaiting();

    disk.fill();
    const reason = await refuses();
    expect(reason).toMatch(/^The disk of .* is full: nothing can be stored/);
    disk.makeRoom();

    await goesOn();
  });
});

/** In the files of Azurite: the history that waits, and no message that is still to be handled. */
function isSaved({ folder }: SmallDisk, id: string): boolean {
  const tables = readFileSync(path.join(folder, '__azurite_db_table__.json'), 'utf8');
  const rows = tables.split(`"PartitionKey":"${id}"`);
  return rows.some((row) => row.includes('TaskCompleted'));
}
