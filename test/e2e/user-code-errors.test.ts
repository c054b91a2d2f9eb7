import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { eventually, within } from '../support/eventually.ts';
import { startFunc, type FuncProcess } from '../support/func-process.ts';
import { ended, start } from '../support/instances.ts';
import { createScratchApp, type ScratchApp } from '../support/scratch-app.ts';

const APP = `
const { app } = require('@azure/functions');
const df = require('durable-functions');
app.http('late', { handler: () => {
  setTimeout(() => { throw new Error('thrown too late'); }, 10);
  return { body: 'answered' };
} });
app.http('strange', { handler: () => {
  setTimeout(() => { throw Object.create(null); }, 10);
  return { body: 'answered' };
} });
app.http('hidden', { handler: () => {
  const error = Object.defineProperty(new Error('without a stack'), 'stack', { get() { throw new Error('no'); } });
  setTimeout(() => { throw error; }, 10);
  return { body: 'answered' };
} });
app.http('rejects', { handler: () => {
  setTimeout(() => { void Promise.reject(new Error('rejected too late')); }, 10);
  return { body: 'answered' };
} });
app.http('meanwhile', { handler: () => new Promise(() => {
  setTimeout(() => { throw new Error('thrown meanwhile'); }, 10);
}) });
app.http('forgets', { handler: () => new Promise(() => {
  setTimeout(() => { void Promise.reject(new Error('rejected meanwhile')); }, 10);
}) });
app.http('exits', { handler: () => { process.exit(3); } });
app.http('exitsQuietly', { handler: async () => {
  try { process.exit(3); } catch { /* swallowed */ }
  await new Promise(() => {});
} });
app.http('aborts', { handler: () => { process.abort(); } });
app.http('kills', { handler: () => { process.kill(process.pid, 'SIGKILL'); } });
app.http('exitsLate', { handler: () => {
  setTimeout(() => { process.exit(4); }, 10);
  return { body: 'answered' };
} });
df.app.activity('exit', { handler: () => process.exit(5) });
df.app.orchestration('survivor', function* (context) {
  try {
    yield context.df.callActivity('exit');
  } catch (error) {
    return error.message;
  }
});
df.app.orchestration('exiting', function* (context) { process.exit(6); });
df.app.entity('exiter', () => process.exit(7));
df.app.orchestration('asker', function* (context) {
  try {
    yield context.df.callEntity(new df.EntityId('exiter', 'a'), 'go');
  } catch (error) {
    return error.message;
  }
});
app.http('throws', { handler: () => { throw new Error('thrown at once'); } });
app.http('logs', { handler: (_, context) => {
  context.log('by context');
  console.log('by console');
  return { body: 'answered' };
} });
`;

describe('errors of user code', () => {
  let app: ScratchApp;
  let func: FuncProcess;

  beforeAll(async () => {
    app = await createScratchApp({
      files: { 'package.json': { main: 'app.js' }, 'app.js': APP },
      packages: {
        '@azure/functions': '@azure/functions',
        'durable-functions': 'durable-functions',
      },
    });
    func = await startFunc({ cwd: app.folder, args: ['--storage', 'memory'] });
  });

  afterAll(async () => {
    await func.stop();
    await app.remove();
  });

  it('answers 500 without a body, and logs message and stack', async () => {
    const response = await fetch(`${func.url}/api/throws`);

    expect(response.status).toBe(500);
    expect(await response.text()).toBe('');
    expect(func.output()).toMatch(/\] Executed 'Functions.throws' \(Failed, Id=/);
    expect(func.output()).toMatch(/\] Exception: thrown at once/);
    expect(func.output()).toContain('app.js:');
  });

  it.each([
    ['late', 'thrown too late'],
    ['strange', '{}'],
    ['hidden', 'without a stack'],
    ['rejects', 'rejected too late'],
  ])('outside of a run do not stop the host: %s', async (name, message) => {
    await fetch(`${func.url}/api/${name}`);

    await eventually(() =>
      func.output().includes(`in function '${name}'; the host goes on: ${message}`),
    );
    expect((await fetch(`${func.url}/api/logs`)).status).toBe(200);
  });

  it.each([
    ['meanwhile', 'thrown meanwhile'],
    ['forgets', 'rejected meanwhile'],
  ])('of a callback while its run goes on fail that run: %s', async (name, message) => {
    const response = await fetch(`${func.url}/api/${name}`);

    expect(response.status).toBe(500);
    expect(func.output()).toContain(`Executed 'Functions.${name}' (Failed`);
    expect(func.output()).toContain(`Exception: ${message}`);
    expect(func.output()).not.toContain(`the host goes on: ${message}`);
  });

  it.each([
    ['exits', 'process.exit(3)'],
    ['exitsQuietly', 'process.exit(3)'],
    ['aborts', 'process.abort()'],
    ['kills', "process.kill(process.pid, 'SIGKILL')"],
  ])('that would end the process fail the run, and nothing else: %s', async (name, call) => {
    const response = await fetch(`${func.url}/api/${name}`);

    expect(response.status).toBe(500);
    expect(func.output()).toMatch(
      new RegExp(`Exception: Function '${name}' \\(Id: '[0-9a-f-]{36}'\\) called `),
    );
    expect(func.output()).toContain(`called ${call}`);
    expect((await fetch(`${func.url}/api/logs`)).status).toBe(200);
  });

  it('that would end the process when a run is over are named, and the host goes on', async () => {
    await fetch(`${func.url}/api/exitsLate`);

    await eventually(() => /Function 'exitsLate' \(Id: .*process.exit\(4\)/.test(func.output()));
    expect((await fetch(`${func.url}/api/logs`)).status).toBe(200);
  });

  it.each([
    ['survivor', 'Completed', 'process.exit(5)'],
    ['asker', 'Completed', 'process.exit(7)'],
    ['exiting', 'Failed', 'process.exit(6)'],
  ])(
    'that would end the process are errors of durable functions: %s',
    async (name, status, call) => {
      const instance = await start(
        `${func.url}/runtime/webhooks/durabletask/orchestrators/${name}`,
      );

      const { runtimeStatus, output } = await ended(instance);

      expect(runtimeStatus).toBe(status);
      expect(output).toContain(call);
    },
  );

  it('leaves its log lines as they are, with one time before each', async () => {
    await fetch(`${func.url}/api/logs`);

    expect(func.output()).toMatch(/^\[[^\]]+Z\] by context$/m);
    expect(func.output()).toMatch(/^\[[^\]]+Z\] by console$/m);
  });
});

/** Breaks the clock under a timer callback of our own store, once `isDefect` is set, as no app could. */
const DEFECT = `
require('node:vm').runInThisContext(\`
  Error.stackTraceLimit = 30;
  const now = Date.now;
  Date.now = () => {
    if (!globalThis.isDefect) return now();
    const { stack } = new Error();
    if (!/dist.shared/.test(stack) || !stack.includes('listOnTimeout')) return now();
    globalThis.isDefect = false;
    throw new TypeError('a defect of ours');
  };
\`, { filename: 'node:defect' });
`;

const TIMED_APP = `
const { app } = require('@azure/functions');
const df = require('durable-functions');
df.app.orchestration('Timed', function* (context) {
  yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 500));
});
app.http('break', { handler: () => { globalThis.isDefect = true; return { body: 'broken' }; } });
`;

describe('an error of our own code that nobody caught', () => {
  it('is logged as a defect of the host, with its stack, and ends it', async () => {
    const app = await createScratchApp({
      files: {
        'package.json': { main: 'app.js' },
        'app.js': TIMED_APP,
        'defect.cjs': DEFECT,
      },
      packages: {
        '@azure/functions': '@azure/functions',
        'durable-functions': 'durable-functions',
      },
    });
    const NODE_OPTIONS = `--require ${path.join(app.folder, 'defect.cjs')}`;
    const args = ['--storage', 'memory'];
    const func = await startFunc({ cwd: app.folder, args, env: { NODE_OPTIONS } });
    await fetch(`${func.url}/api/break`);
    await fetch(`${func.url}/runtime/webhooks/durabletask/orchestrators/Timed`, { method: 'POST' });

    const { code, stdout, stderr } = await within(func.exited, 'the end of the host', 20_000);

    await app.remove();
    expect(stdout).toMatch(/a defect of the host; the host stops: a defect of ours\n.*TypeError/);
    expect(stdout).toMatch(/ at .*dist.shared/);
    expect(stderr).toContain('The host stops because of a defect of its own: a defect of ours');
    expect(code).toBe(1);
  });
});
