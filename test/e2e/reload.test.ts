/** `func start` while the files of the app change: what runs goes on, with the new code. */
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';
import { eventually } from '../support/eventually.ts';
import { startFunc, type FuncOptions, type FuncProcess } from '../support/func-process.ts';
import { ended, post, start } from '../support/instances.ts';
import { changeOneFileApp, createOneFileApp } from '../support/one-file-app.ts';
import { LONG } from '../support/patience.ts';
import type { ScratchApp } from '../support/scratch-app.ts';

/** Reloads take a second, or many on a busy machine. */
const PATIENCE = { timeoutMs: 60_000 };

let app: ScratchApp;
let func: FuncProcess | undefined;

beforeEach(async () => {
  app = await createOneFileApp(appThatGreets('Hello'));
});
afterEach(async () => {
  await func?.stop();
  func = undefined;
  await app.remove();
});

describe('func start', LONG, () => {
  it('finishes an instance that waited with the code of the changed file', async () => {
    const host = await startApp();
    const waiting = await start(`${host.url}/api/start/greetAfterEvent`);

    await changeApp(host, appThatGreets('Good evening'));
    await raise(host, waiting.id);

    expect(await ended(waiting, 60_000)).toMatchObject({
      runtimeStatus: 'Completed',
      output: 'Good evening Tokyo!',
    });
    expect(host.output()).toContain('app.js changed. The app restarts.');
  });

  it('shows what is wrong with a broken file, and fails no instance for it', async () => {
    const host = await startApp();
    const waiting = await start(`${host.url}/api/start/greetAfterEvent`);

    await changeApp(host, 'this is not JavaScript');
    await raise(host, waiting.id);
    await changeApp(host, appThatGreets('Welcome back'));

    expect(await ended(waiting, 60_000)).toMatchObject({ output: 'Welcome back Tokyo!' });
    expect(host.output()).toContain('Worker was unable to load entry point "app.js"');
    expect(host.output()).toContain('The instances of the task hub wait');
  });

  it('waits for the next change when the app does not start any more', async () => {
    const host = await startApp();

    await writeFile(path.join(app.folder, 'host.json'), '{"version":');
    await eventually(() => host.output().includes('Waiting for its files to change'), PATIENCE);
    await writeFile(path.join(app.folder, 'host.json'), '{"version":"2.0"}');

    await eventually(() => startsOf(host) === 2, PATIENCE);
    expect(host.output()).toContain('host.json');
    await run(host, 'hello', 'Hello Tokyo!');
  });

  it('loses nothing of what is under way', async () => {
    const host = await startApp();
    const instances = await Promise.all(
      Array.from({ length: 10 }, () => start(`${host.url}/api/start/greetMany`)),
    );

    await changeApp(host, `${appThatGreets('Hello')}// changed`);
    const statuses = await Promise.all(instances.map((instance) => ended(instance, 60_000)));

    expect(statuses.map(({ output }) => output)).toEqual(instances.map(() => MANY_GREETINGS));
  });

  it('leaves an activity that takes long to the changed app', async () => {
    const host = await startApp();
    const long = await start(`${host.url}/api/start/nap`);
    await eventually(() => host.output().includes('nap begins'), PATIENCE);

    await changeApp(host, appThatGreets('Hello').replace('600_000', '1'));

    expect(await ended(long, 60_000)).toMatchObject({ output: 'slept' });
  });

  it('answers late, and refuses nobody, what is asked while the app restarts', async () => {
    const host = await startApp();
    const answers: number[] = [];
    const changed = new AbortController();
    const asking = (async () => {
      while (!changed.signal.aborted) {
        const answer = await fetch(host.url, { headers: { connection: 'close' } });
        answers.push(answer.status);
      }
    })();

    await changeApp(host, appThatGreets('Goodbye'));
    changed.abort();
    await asking;

    expect(answers.length).toBeGreaterThan(1);
    expect(new Set(answers)).toEqual(new Set([200]));
  });

  it('leaves the app as it is with --no-reload', async () => {
    const host = await startApp({ args: ['--no-reload'] });

    await changeOneFileApp(app, appThatGreets('Goodbye'));

    await run(host, 'hello', 'Hello Tokyo!');
    expect(host.output()).not.toContain('restarts');
  });

  it('starts its host again when something ends it, and finishes what ran', async () => {
    const host = await startApp();
    const waiting = await start(`${host.url}/api/start/greetAfterEvent`);

    // As a native module does that crashes: nothing in JavaScript hears of it.
    await expect(post(`${host.url}/api/crash`)).rejects.toThrow('fetch failed');
    await eventually(() => startsOf(host) === 2, PATIENCE);
    await raise(host, waiting.id);

    expect(await ended(waiting, 60_000)).toMatchObject({ output: 'Hello Tokyo!' });
    expect(host.output()).toContain(
      'The host ended unexpectedly (exit code 9). It starts again in 1 s.',
    );
  });

  it('takes its host along when it is killed', async () => {
    const host = await startApp();

    host.signal('SIGKILL');

    await host.exited; // Not before the host has closed the output that it shares.
    await expect(fetch(host.url)).rejects.toThrow('fetch failed');
    func = undefined;
  });
});

const MANY_GREETINGS = Array.from({ length: 15 }, (_, index) => `Hello ${index}!`);

function appThatGreets(greeting: string): string {
  return `
df.app.activity('greet', { handler: async (name) => \`${greeting} \${name}!\` });
df.app.activity('pauseAndGreet', {
  handler: async (name) => {
    await new Promise((resolve) => setTimeout(resolve, 100));
    return \`${greeting} \${name}!\`;
  },
});
df.app.activity('sleep', {
  handler: async (_, context) => {
    context.log('nap begins');
    await new Promise((resolve) => setTimeout(resolve, 600_000));
    return 'slept';
  },
});
df.app.orchestration('hello', function* (context) {
  return yield context.df.callActivity('greet', 'Tokyo');
});
df.app.orchestration('greetAfterEvent', function* (context) {
  yield context.df.waitForExternalEvent('go');
  return yield context.df.callActivity('greet', 'Tokyo');
});
df.app.orchestration('greetMany', function* (context) {
  const greetings = [];
  for (let index = 0; index < 15; index++) {
    greetings.push(yield context.df.callActivity('pauseAndGreet', index));
  }
  return greetings;
});
df.app.orchestration('nap', function* (context) {
  return yield context.df.callActivity('sleep');
});
app.http('crash', { methods: ['POST'], handler: () => process.reallyExit(9) });
`;
}

async function startApp(options: FuncOptions = {}): Promise<FuncProcess> {
  func = await startFunc({
    cwd: app.folder,
    env: {
      AzureWebJobsStorage: azuriteConnectionString(),
      AzureFunctionsJobHost__extensions__durableTask__hubName: freshHubName('Reload'),
    },
    ...options,
  });
  return func;
}

/** Writes the app anew and waits until it serves. */
async function changeApp(host: FuncProcess, code: string): Promise<void> {
  const before = startsOf(host);
  await changeOneFileApp(app, code);
  await eventually(() => startsOf(host) > before, PATIENCE);
}

function startsOf(host: FuncProcess): number {
  return host.output().split('For detailed output').length - 1;
}

async function raise(host: FuncProcess, id: string): Promise<void> {
  const path = `runtime/webhooks/durabletask/instances/${id}/raiseEvent/go`;
  expect((await post(`${host.url}/${path}`, {})).status).toBe(202);
}

async function run(host: FuncProcess, name: string, output: string): Promise<void> {
  const instance = await start(`${host.url}/api/start/${name}`);
  expect(await ended(instance, 60_000)).toMatchObject({ output });
}
