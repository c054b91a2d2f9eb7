/**
 * Every way in which an app comes into the official worker, through all that durable functions do there: once in a worker that is
 * killed in the middle, and then in the next one. The first workers of all ways come before the second ones, since what a killed
 * process kept for itself is hidden for half a minute.
 */
import ts from 'typescript';
import { afterAll, describe, expect, it } from 'vitest';
import { freshHubName } from '../../support/azurite.ts';
import { eventually } from '../../support/eventually.ts';
import { cameToBarrier, openBarrier } from '../../support/functions-host/barrier.ts';
import { classicFiles } from '../../support/functions-host/classic-app.ts';
import type { FunctionsHost } from '../../support/functions-host/functions-host.ts';
import { whyNoOfficialWorker } from '../../support/functions-host/official-worker.ts';
import {
  GREETINGS,
  hubSettings,
  V4_COMMONJS,
  V4_DURABLE,
  V4_IMPORTS,
  V4_MODULE,
  V4_OTHERS,
  V4_REQUIRES,
  WorkerApps,
} from '../../support/functions-host/worker-app.ts';
import { ended, type ManagementUrls, post, start, statusWhen } from '../../support/instances.ts';
import { LONG } from '../../support/patience.ts';
import type { ScratchApp } from '../../support/scratch-app.ts';

const REQUIRE = "require('durable-functions-extension/register');\n";
const IMPORT = "import 'durable-functions-extension/register';\n";
const MAIN = 'node_modules/durable-functions-extension/main.js';
const PRELOAD = { NODE_OPTIONS: '--require durable-functions-extension/preload' };

interface Way {
  readonly files: Readonly<Record<string, unknown>>;
  /** @default those of the new programming model */
  readonly packages?: Readonly<Record<string, string>>;
  readonly env?: Readonly<Record<string, string>>;
  /** Parts of lines that are errors of the app, not ours. */
  readonly knownErrors?: readonly string[];
}

/** A function of the classic app that is meant to be wrong. */
const UNKNOWN = "The 'Unknown' function is in error";
/** Entities of SDK 1.5 do both, and the worker's programming model says so under the .NET extension, too. */
const DONE_TWICE = "Choose either to return a promise or call 'done'";

const WAYS: Readonly<Record<string, Way>> = {
  'v4, CommonJS, register first': {
    files: { 'package.json': { main: 'index.js' }, 'index.js': REQUIRE + V4_COMMONJS },
  },
  'v4, ES modules, register first': {
    files: { 'package.json': { main: 'index.js', type: 'module' }, 'index.js': IMPORT + V4_MODULE },
  },
  'v4, ES modules, register last': {
    files: { 'package.json': { main: 'index.js', type: 'module' }, 'index.js': V4_MODULE + IMPORT },
  },
  'v4, compiled from TypeScript, register first': {
    files: {
      'package.json': { main: 'dist/index.js' },
      'dist/index.js': compiled(IMPORT + V4_MODULE),
    },
  },
  'v4, several files by a glob, main beside ours': {
    files: {
      'package.json': { main: MAIN, durableFunctionsMain: 'src/functions/*.js' },
      'src/functions/durable.js': V4_REQUIRES + V4_DURABLE,
      'src/functions/others.js': V4_REQUIRES + V4_OTHERS,
    },
  },
  'v4, not changed at all, preload': {
    files: { 'package.json': { main: '*.js' }, 'index.js': V4_COMMONJS },
    env: PRELOAD,
  },
  'v4, ES modules, not changed at all, preload by --import': {
    files: { 'package.json': { main: 'index.mjs' }, 'index.mjs': V4_MODULE },
    env: { NODE_OPTIONS: '--import durable-functions-extension/preload' },
  },
  'v4, ES modules with HTTP streaming, main beside ours': {
    files: {
      'package.json': { main: MAIN, type: 'module', durableFunctionsMain: 'index.js' },
      'index.js': `${V4_IMPORTS} await Promise.resolve(); app.setup({ enableHttpStream: true });
        ${V4_DURABLE + V4_OTHERS}`,
    },
  },
  'classic, SDK 1.5, main': {
    ...classic('durable-functions-v1', 'orchestrationClient', { packageJson: { main: MAIN } }),
    knownErrors: [UNKNOWN, DONE_TWICE],
  },
  'classic, SDK 2.1, preload': {
    ...classic('durable-functions-v2', 'durableClient', { packageJson: {} }),
    env: PRELOAD,
    knownErrors: [UNKNOWN],
  },
};

function compiled(source: string): string {
  const { CommonJS } = ts.ModuleKind;
  const compilerOptions = { module: CommonJS, target: ts.ScriptTarget.ES2022 };
  return ts.transpileModule(source, { compilerOptions }).outputText;
}

function classic(
  sdkPackage: string,
  clientType: string,
  { packageJson }: { readonly packageJson: object },
): Way {
  return {
    files: classicFiles({ queue: freshHubName('queue').toLowerCase(), clientType, packageJson }),
    packages: { 'durable-functions': sdkPackage, 'durable-functions-extension': '..' },
  };
}

/** Far longer than from its start to the kill. */
const NAP_MS = 4000;
const why = whyNoOfficialWorker();
const apps = new WorkerApps();

/** What the first worker of a way has left. */
interface Killed {
  readonly app: ScratchApp;
  readonly env: Readonly<Record<string, string>>;
  /** Instances in the middle. */
  readonly ids: Readonly<Record<'barrier' | 'approval' | 'nap', string>>;
  /** All instances, and how they are to end. */
  readonly ends: Readonly<Record<string, string>>;
  /** The key of an entity that has 5. */
  readonly counter: string;
}

const killed = new Map<string, Killed>();

afterAll(() => apps.close());

describe.skipIf(why !== undefined)(`in the official worker${why ? `: ${why}` : ''}`, () => {
  describe.each(Object.entries(WAYS))('an app (%s)', (name, way) => {
    it('does all that durable functions do, until its worker is killed', LONG, async () => {
      const app = await apps.app(way.files, way.packages);
      const env = { ...hubSettings(), ...way.env };
      const host = await apps.start(app, { env });

      await showsWhatTheHostCanRun(host);
      const ends = await runsToTheEnd(host);
      const ids = await comesToTheMiddle(host, app);
      expect(errorsOf(host, way)).toEqual([]);
      await host.kill();

      killed.set(name, { app, env, ids, ...ends });
    });
  });

  describe.each(Object.entries(WAYS))('an app whose worker was killed (%s)', (name, way) => {
    it('goes on in the next one and loses nothing', LONG, async () => {
      const left = killed.get(name);
      if (left === undefined) throw new Error('its first worker did not come so far');
      const { app, env, ids, counter, ends } = left;
      const host = await apps.start(app, { env });
      const urls = (id: string) => ({ id, statusQueryGetUri: managementUrl(host, id) });

      expect(await entityState(host, counter)).toBe(5);
      await openBarrier(app);
      const raise = `${managementUrl(host, ids.approval)}/raiseEvent/answer`;
      expect((await post(raise, 'yes')).status).toBe(202);

      const [barrier, approval, nap] = await Promise.all(
        [ids.barrier, ids.approval, ids.nap].map((id) => ended(urls(id), 60_000)),
      );
      expect(barrier?.output).toEqual(['Hello Tokyo!', 'Seattle has passed', 'Hello London!']);
      expect(await cameToBarrier(app)).toEqual(['Seattle', 'Seattle']);
      expect(approval?.output).toEqual(['yes', 5]);
      expect(nap?.output).toBe(true);
      expect(await statuses(host)).toEqual({
        ...ends,
        ...Object.fromEntries(Object.values(ids).map((id) => [id, 'Completed'])),
      });
      expect(errorsOf(host, way)).toEqual([]);
      expect(await host.terminate()).toBe(0);
    });
  });
});

async function showsWhatTheHostCanRun(host: FunctionsHost): Promise<void> {
  expect([...host.refused]).toEqual([]);
  expect(host.names).toEqual(
    expect.arrayContaining(['HttpStart', 'Ping', 'DurableTaskManagement']),
  );
  expect(host.names).not.toContain('Hello');
  expect(await (await host.fetch('api/ping')).text()).toBe('pong');
}

/** @returns the instances and how they ended, and an entity that has 5. */
async function runsToTheEnd(host: FunctionsHost): Promise<Pick<Killed, 'ends' | 'counter'>> {
  const [hello, parent, answered, refused] = await Promise.all(
    ['Hello', 'Parent', 'Approval', 'Approval'].map((name) => startOf(host, name)),
  );
  if (!hello || !parent || !answered || !refused) throw new Error('four were started');
  expect(hello.statusQueryGetUri).toContain(`${managementUrl(host, hello.id)}?`);
  await Promise.all([answered, refused].map(isWaiting));
  const posted = await Promise.all([
    post(answered.sendEventPostUri.replace('{eventName}', 'answer'), { ok: true }),
    post(refused.terminatePostUri.replace('{text}', 'enough')),
  ]);
  expect(posted.map(({ status }) => status)).toEqual([202, 202]);

  const ends = await Promise.all([hello, parent, answered, refused].map((each) => ended(each)));
  expect(ends.map(({ runtimeStatus, output }) => [runtimeStatus, output])).toEqual([
    ['Completed', GREETINGS],
    ['Completed', GREETINGS],
    ['Completed', [{ ok: true }, 5]],
    ['Terminated', 'enough'],
  ]);
  expect(await entityState(host, answered.id)).toBe(5);
  const all = await statuses(host);
  // The fifth is the one below the parent.
  expect(Object.values(all).sort()).toEqual([...Array<string>(4).fill('Completed'), 'Terminated']);
  return { ends: all, counter: answered.id };
}

/** One waits for an activity that runs, one for an event and one for a timer. */
async function comesToTheMiddle(host: FunctionsHost, app: ScratchApp): Promise<Killed['ids']> {
  const [barrier, approval] = await Promise.all([
    startOf(host, 'Barrier'),
    startOf(host, 'Approval'),
  ]);
  await Promise.all([
    isWaiting(approval),
    eventually(() => cameToBarrier(app)),
    // Before it is stored that the activity was asked for, a kill has it asked for once more.
    hasStoredAnswer(barrier),
  ]);
  const nap = await startOf(host, 'Nap', NAP_MS);
  await isWaiting(nap);
  return { barrier: barrier.id, approval: approval.id, nap: nap.id };
}

function startOf(host: FunctionsHost, name: string, input?: unknown): Promise<ManagementUrls> {
  return start(`${host.url}/api/orchestrators/${name}`, input);
}

async function isWaiting(urls: ManagementUrls): Promise<void> {
  await statusWhen(urls, ({ customStatus }) => customStatus === 'waiting');
}

/** The answer of the first activity, and the request for the second one with it. */
async function hasStoredAnswer(urls: ManagementUrls): Promise<void> {
  const withHistory = { ...urls, statusQueryGetUri: `${urls.statusQueryGetUri}&showHistory=true` };
  await statusWhen(withHistory, ({ historyEvents = [] }) =>
    historyEvents.some(({ EventType }) => EventType === 'TaskCompleted'),
  );
}

function managementUrl(host: FunctionsHost, id: string): string {
  return `${host.url}/api/durabletask/instances/${id}`;
}

async function entityState(host: FunctionsHost, key: string): Promise<unknown> {
  return await (await host.fetch(`api/durabletask/entities/Counter/${key}`)).json();
}

/** Of all orchestrations of the hub, by id, as the management function lists them. */
async function statuses(host: FunctionsHost): Promise<Record<string, string>> {
  const response = await host.fetch('api/durabletask/instances');
  const all = (await response.json()) as { instanceId: string; runtimeStatus: string }[];
  return Object.fromEntries(
    all
      .filter(({ instanceId }) => !instanceId.startsWith('@'))
      .map(({ instanceId, runtimeStatus }) => [instanceId, runtimeStatus]),
  );
}

function errorsOf({ logs }: FunctionsHost, { knownErrors = [] }: Way): readonly string[] {
  const errors = logs.filter(({ level }) => level === 'Error' || level === 'Critical');
  return errors
    .map(({ message }) => message)
    .filter((message) => !knownErrors.some((known) => message.includes(known)));
}
