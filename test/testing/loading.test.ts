/** What the test kit says of apps that it cannot test. */
import { createRequire } from 'node:module';
import { afterEach, expect, it, vi } from 'vitest';
import {
  loadDurableApp,
  type DurableApp,
  type LoadDurableAppOptions,
} from '../../src/testing/index.ts';
import { createOneFileApp } from '../support/one-file-app.ts';

const require = createRequire(import.meta.url);
const ends: (() => Promise<void>)[] = [];

afterEach(async () => {
  for (const end of ends.splice(0).reverse()) await end();
});

/** @param code as of `createOneFileApp`. */
async function loadCode(code: string, options?: LoadDurableAppOptions): Promise<DurableApp> {
  const scratch = await createOneFileApp(code);
  ends.push(() => scratch.remove());
  const app = await loadDurableApp(scratch.folder, options);
  ends.push(() => app.dispose());
  return app;
}

const HELLO = `df.app.orchestration('Hello', function* (context) {
  return yield context.df.callActivity('Greet', context.df.getInput());
});`;

it('says that code which is imported twice registers once', async () => {
  await expect(loadDurableApp(() => undefined)).rejects.toThrow(
    'The code has registered no durable function. It registers once, when it is first imported',
  );
});

it('says where it has looked for durable functions', async () => {
  await expect(loadCode('')).rejects.toThrow(
    /There is no durable function in .*: neither by 'main'/,
  );
  await expect(loadDurableApp('./no-such-folder')).rejects.toThrow('no-such-folder');
});

it('names the file that cannot be loaded, with the reason', async () => {
  await expect(loadCode(`${HELLO}\nthrow new Error('no database');`)).rejects.toThrow(
    /app\.js.*: no database/,
  );
});

it('hands on what the code of a test throws', async () => {
  const load = (): never => {
    throw new TypeError('broken');
  };
  await expect(loadDurableApp(load)).rejects.toThrow(TypeError);
});

it('loads an app again after it was disposed of', async () => {
  const scratch = await createOneFileApp(HELLO);
  ends.push(() => scratch.remove());
  const code = (): unknown => require(`${scratch.folder}/app.js`);
  for (const greeting of ['one', 'two']) {
    const app = await loadDurableApp(code, { activities: { Greet: () => greeting } });
    const hello = await app.start('Hello');
    expect(await hello.output()).toBe(greeting);
    await app.dispose();
  }
});

it('refuses bindings, which lead out of a unit test, unless the function is replaced', async () => {
  const app = await loadCode(`${HELLO}
    df.app.activity('Greet', {
      extraOutputs: [{ type: 'queue', name: 'mail', queueName: 'mail', connection: 'X' }],
      handler: (name, context) => { context.extraOutputs.set('mail', name); return 'Hello'; },
    });`);
  const hello = await app.start('Hello', 'Ada');
  const replaced = await app.start('Hello', 'Ada', { activities: { Greet: () => 'Hi' } });

  await expect(hello.output()).rejects.toThrow(
    /The binding 'mail' of 'Greet' leads to a service that a unit test has not/,
  );
  expect(await replaced.output()).toBe('Hi');
});

it('hands on what functions log', async () => {
  const lines: string[] = [];
  const scratch = await createOneFileApp(`${HELLO}
    df.app.activity('Greet', { handler: (name, context) => { context.log('greets'); console.warn('loud'); } });`);
  ends.push(() => scratch.remove());
  const app = await loadDurableApp(scratch.folder, { log: ({ message }) => lines.push(message) });
  ends.push(() => app.dispose());

  await (await app.start('Hello')).output();

  expect(lines).toEqual(['greets', 'loud']);
});

it('prefers what is given to a start, in whatever case, to what is given to the app', async () => {
  const app = await loadCode(HELLO, { activities: { Greet: () => 'of the app' } });

  const hello = await app.start('Hello');
  const other = await app.start('Hello', 'Ada', { activities: { GREET: () => 'of the start' } });

  expect(await hello.output()).toBe('of the app');
  expect(await other.output()).toBe('of the start');
});

it('says that an app cannot run on fake timers', async () => {
  const app = await loadCode(HELLO);
  const hello = await app.start('Hello', 'Ada', { activities: { Greet: () => 'Hi' } });
  vi.useFakeTimers();
  try {
    await expect(hello.output()).rejects.toThrow('The timers of this process are fake');
    vi.useFakeTimers({ toFake: ['Date'] });
    expect(await hello.output()).toBe('Hi');
  } finally {
    vi.useRealTimers();
  }
});
