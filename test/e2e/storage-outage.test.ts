/** a host whose storage is gone for a while survives it, and what was under way goes on. */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { freshHubName, startAzurite, type RunningAzurite } from '../support/azurite.ts';
import { eventually } from '../support/eventually.ts';
import { startFunc, type FuncProcess } from '../support/func-process.ts';
import { LONG } from '../support/patience.ts';
import { createScratchApp, type ScratchApp } from '../support/scratch-app.ts';

const APP = `
const { app } = require('@azure/functions');
const df = require('durable-functions');
df.app.orchestration('chain', function* (context) {
  const said = [];
  for (let n = 0; n < 12; n++) said.push(yield context.df.callActivity('say', n));
  return said;
});
df.app.orchestration('timer', function* (context) {
  yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 2000));
  return 'rang';
});
df.app.orchestration('waits', function* (context) {
  return yield context.df.waitForExternalEvent('go');
});
df.app.activity('say', {
  handler: async (n) => {
    await new Promise((resolve) => setTimeout(resolve, 250));
    return n;
  },
});
app.http('ping', { handler: () => ({ body: 'pong' }) });
`;

let azurite: RunningAzurite;
let app: ScratchApp;
let func: FuncProcess;

beforeAll(async () => {
  azurite = await startAzurite();
  app = await createScratchApp({
    files: { 'package.json': { main: 'app.js' }, 'app.js': APP },
    packages: { 'durable-functions': 'durable-functions', '@azure/functions': '@azure/functions' },
  });
  func = await startFunc({
    cwd: app.folder,
    env: {
      AzureWebJobsStorage: azurite.connectionString,
      AzureFunctionsJobHost__extensions__durableTask__hubName: freshHubName('Outage'),
    },
  });
});

afterAll(async () => {
  await func.stop();
  await azurite.stop();
  await app.remove();
});

const management = (target: string, init: RequestInit = {}): Promise<Response> =>
  fetch(`${func.url}/runtime/webhooks/durabletask/${target}`, init);

async function statusWhen(id: string, status: string): Promise<unknown> {
  return eventually(
    async () => {
      const response = await management(`instances/${id}`);
      const view = (await response.json()) as { runtimeStatus: string; output: unknown };
      if (view.runtimeStatus === status) return { output: view.output };
      throw new Error(`${id}: ${response.status} ${JSON.stringify(view)}`);
    },
    { timeoutMs: 60_000, intervalMs: 100 },
  );
}

it('outlives a storage that is gone for seconds, and goes on', LONG, async () => {
  for (const name of ['chain', 'timer', 'waits']) {
    const started = await management(`orchestrators/${name}/${name}`, { method: 'POST' });
    expect(started.status).toBe(202);
    await statusWhen(name, 'Running');
  }

  await azurite.halt();
  const refused = await management('instances/waits');
  const isServing = await fetch(`${func.url}/api/ping`);
  // Past the timer's time, and past a few turns of every poller.
  await new Promise((resolve) => setTimeout(resolve, 3000));
  await azurite.resume();

  expect([await isServing.text(), refused.status]).toEqual(['pong', 503]);
  expect(await statusWhen('chain', 'Completed')).toEqual({ output: [...Array(12).keys()] });
  expect(await statusWhen('timer', 'Completed')).toEqual({ output: 'rang' });
  const raised = await management('instances/waits/raiseEvent/go', {
    method: 'POST',
    headers: { 'Content-Type': 'application/json' },
    body: '"on"',
  });
  expect(raised.status).toBe(202);
  expect(await statusWhen('waits', 'Completed')).toEqual({ output: 'on' });
});

it('says once that storage is away, and once that it is back', LONG, async () => {
  const told = (text: string): number => func.output().split(text).length - 1;

  await eventually(() => told('does its work again after') > 0, { timeoutMs: 60_000 });

  expect(told('does not do its work')).toBe(1);
  expect(told('does its work again after')).toBe(1);
  expect(func.output()).toMatch(/ in which \d+ requests failed/);
  // That line ends with the request that failed first, whichever that was: no other tells of one.
  const others = func
    .output()
    .split('\n')
    .filter((line) => !line.includes('does not do its work'));
  expect(others.join('\n')).not.toMatch(/loop failed|could not be processed|Could not delete/);
});
