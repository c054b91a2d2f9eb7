import { describe, expect, it } from 'vitest';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';
import { eventually, within } from '../support/eventually.ts';
import { startFunc, type FuncProcess } from '../support/func-process.ts';
import { ended, start } from '../support/instances.ts';
import { LONG } from '../support/patience.ts';
import { createScratchApp } from '../support/scratch-app.ts';

const CITIES = ['Tokyo', 'Seattle', 'London'];
const GREETINGS = CITIES.map((city) => `Hello ${city}!`);
const INSTANCES = 100;
/** Those that hang keep none from coming so far. */
const ROOM_FOR_ALL = {
  AzureFunctionsJobHost__extensions__durableTask__maxConcurrentActivityFunctions: String(INSTANCES),
};

describe('a host that is killed', () => {
  it('leaves hello sequences that the next host finishes', LONG, async () => {
    const app = await createScratchApp({
      files: { 'package.json': { main: 'app.js' }, 'app.js': HELLO_APP },
      packages: DURABLE_PACKAGES,
    });
    const env = { ...hubOfItsOwn(), ...ROOM_FOR_ALL };
    const first = await startFunc({ cwd: app.folder, env: { ...env, HANGS: 'yes' } });
    const ids = await startSome(first, INSTANCES / 2);
    await eventually(() => CITIES.every((city) => first.output().includes(`${city} hangs`)));
    first.signal('SIGKILL');
    await first.exited;

    const second = await startFunc({ cwd: app.folder, env });
    const statuses = await Promise.all(ids.map((id) => ended(statusUrls(second, id), 90_000)));
    await second.stop();
    await app.remove();

    expect(statuses.map((status) => status.runtimeStatus)).toEqual(ids.map(() => 'Completed'));
    expect(statuses.map((status) => status.output)).toEqual(ids.map(() => GREETINGS));
  });
});

describe('a host that is stopped', () => {
  it('finishes the request and the activity that run, and ends with exit code 0', async () => {
    const app = await createScratchApp({
      files: {
        'package.json': { main: 'app.js' },
        'app.js': SLOW_APP,
      },
      packages: DURABLE_PACKAGES,
    });
    const env = hubOfItsOwn();
    const first = await startFunc({ cwd: app.folder, env });
    const urls = await start(`${first.url}/api/start`);
    await eventually(() => first.output().includes('slow activity runs'));

    const exit = await first.stop();
    const second = await startFunc({ cwd: app.folder, env });
    const status = await ended(statusUrls(second, urls.id));
    await second.stop();
    await app.remove();

    expect(exit.code).toBe(0);
    expect(exit.stdout).toContain('slow activity ends');
    expect(status).toMatchObject({ runtimeStatus: 'Completed', output: 'slept' });
    expect(second.output()).not.toContain('slow activity runs');
  });
});

describe('a host that is stopped while a client waits', () => {
  it('answers with the status that there is, and cuts nobody off', LONG, async () => {
    const app = await createScratchApp({
      files: { 'package.json': { main: 'app.js' }, 'app.js': SLOW_APP.replace('1500', '60_000') },
      packages: DURABLE_PACKAGES,
    });
    const func = await startFunc({ cwd: app.folder, env: hubOfItsOwn() });
    const { id } = await start(`${func.url}/api/start`);
    const url = `${func.url}/runtime/webhooks/durabletask/instances/${id}`;
    await eventually(() => func.output().includes('slow activity runs'));
    const waiting = fetch(url, { headers: { prefer: 'wait=200' } });
    // Requests that come later have been answered: this one has arrived.
    for (let later = 0; later < 5; later++) await (await fetch(url)).arrayBuffer();

    func.signal('SIGTERM');
    const answer = await within(waiting, 'the answer', 30_000);
    func.signal('SIGINT');
    await within(func.exited, 'the end of the host');
    await app.remove();

    expect([answer.status, await answer.json()]).toEqual([
      202,
      expect.objectContaining({ instanceId: id }),
    ]);
  });
});

describe('a host that gets a second signal', () => {
  it('ends at once, and leaves what runs to the next host', LONG, async () => {
    const app = await createScratchApp({
      files: { 'package.json': { main: 'app.js' }, 'app.js': SLOW_APP.replace('1500', '60_000') },
      packages: DURABLE_PACKAGES,
    });
    const func = await startFunc({ cwd: app.folder, env: hubOfItsOwn() });
    await start(`${func.url}/api/start`);
    await eventually(() => func.output().includes('slow activity runs'));

    func.signal('SIGTERM');
    await eventually(() => refuses(`${func.url}/admin/host/ping`));
    func.signal('SIGINT');
    const exit = await within(func.exited, 'the end of the host');
    await app.remove();

    expect(exit.code).toBe(1);
  });
});

const DURABLE_PACKAGES = {
  'durable-functions': 'durable-functions',
  '@azure/functions': '@azure/functions',
};

/** A third of the instances hangs in each activity while HANGS is set, so that none of them has ended when its host is killed. */
const HELLO_APP = `
const { app } = require('@azure/functions');
const df = require('durable-functions');
const cities = ${JSON.stringify(CITIES)};
df.app.orchestration('hello', function* (context) {
  const hangsIn = Number(context.df.instanceId.split('-')[1]) % cities.length;
  const greetings = [];
  for (const city of cities) {
    greetings.push(yield context.df.callActivity('greet', { city, hangs: city === cities[hangsIn] }));
  }
  return greetings;
});
df.app.activity('greet', {
  handler: async ({ city, hangs }, context) => {
    if (hangs && process.env.HANGS) {
      context.log(city + ' hangs');
      await new Promise(() => undefined);
    }
    return 'Hello ' + city + '!';
  },
});
app.http('start', {
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const instanceId = request.query.get('instanceId');
    return client.createCheckStatusResponse(request, await client.startNew('hello', { instanceId }));
  },
});
`;

const SLOW_APP = `
const { app } = require('@azure/functions');
const df = require('durable-functions');
df.app.orchestration('nap', function* (context) { return yield context.df.callActivity('sleep'); });
df.app.activity('sleep', {
  handler: async (_, context) => {
    context.log('slow activity runs');
    await new Promise((resolve) => setTimeout(resolve, 1500));
    context.log('slow activity ends');
    return 'slept';
  },
});
app.http('start', {
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    return client.createCheckStatusResponse(request, await client.startNew('nap'));
  },
});
`;

/** @returns the first ids that the host said it had started, while it starts more. @throws when one is not, before there are so many. */
function startSome(func: FuncProcess, count: number): Promise<readonly string[]> {
  const started: string[] = [];
  return new Promise((resolve, reject) => {
    for (let index = 0; index < INSTANCES; index++) {
      const id = `crash-${index}`;
      start(startUrl(func, id)).then(
        () => {
          if (started.push(id) === count) resolve([...started]);
        },
        // Later, these are those that the killed host no longer answers.
        reject,
      );
    }
  });
}

function hubOfItsOwn(): Record<string, string> {
  return {
    AzureWebJobsStorage: azuriteConnectionString(),
    AzureFunctionsJobHost__extensions__durableTask__hubName: freshHubName('Crash'),
  };
}

/** Whether the port is closed: to let callers wait, or to tell them 503, is no refusal. */
async function refuses(url: string): Promise<boolean> {
  try {
    await (await fetch(url)).arrayBuffer();
    return false;
  } catch (error) {
    if (error instanceof TypeError) return true;
    throw error;
  }
}

function startUrl(func: FuncProcess, id: string): string {
  return `${func.url}/api/start?instanceId=${id}`;
}

function statusUrls(func: FuncProcess, id: string): { id: string; statusQueryGetUri: string } {
  const path = `runtime/webhooks/durabletask/instances/${id}`;
  return { id, statusQueryGetUri: `${func.url}/${path}` };
}
