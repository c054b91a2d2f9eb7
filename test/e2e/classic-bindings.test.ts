/**
 * What apps of the classic model do with bindings and function.json alone: start instances by an output, switch functions off,
 * purge by a timer. Scenarios, I-19, M-07 and, for the setting in host.json, R-17.
 */
import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../support/eventually.ts';
import { startFunc, type FuncProcess } from '../support/func-process.ts';
import { ended, post, run, start, type InstanceStatus } from '../support/instances.ts';
import { createScratchApp, type ScratchApp } from '../support/scratch-app.ts';

const orchestration = { type: 'orchestrationTrigger', name: 'context', direction: 'in' };
const activity = { type: 'activityTrigger', name: 'input', direction: 'in' };
const entity = { type: 'entityTrigger', name: 'context', direction: 'in' };
const http = { type: 'httpTrigger', name: 'req', direction: 'in', authLevel: 'anonymous' };
const answer = { type: 'http', name: 'res', direction: 'out' };

const orchestrator = (body: string): string =>
  `const df = require('durable-functions'); module.exports = df.orchestrator(function* (context) { ${body} });`;

const FUNCTIONS: Readonly<Record<string, { readonly code: string; readonly json: object }>> = {
  Greets: {
    json: { bindings: [orchestration] },
    code: orchestrator(`return ['hello', context.df.getInput()];`),
  },
  Fans: {
    json: { bindings: [orchestration] },
    code: orchestrator(`
      const tasks = Array.from({ length: 12 }, () => context.df.callActivity('Overlaps'));
      return Math.max(...(yield context.df.Task.all(tasks)));`),
  },
  CallsOff: {
    json: { bindings: [orchestration] },
    code: orchestrator(`return yield context.df.callActivity(context.df.getInput());`),
  },
  CatchesOff: {
    json: { bindings: [orchestration] },
    code: orchestrator(`const caught = [];
      for (const call of [
        () => context.df.callActivity('OffActivity'),
        () => context.df.callSubOrchestrator('Off', null, 'off-child'),
      ]) try { yield call(); } catch (error) { caught.push(error.message); }
      return caught;`),
  },
  CallsOffEntity: {
    json: { bindings: [orchestration] },
    code: orchestrator(
      `return yield context.df.callEntity(new df.EntityId('OffEntity', 'k'), 'x');`,
    ),
  },
  CallsTrouble: {
    json: { bindings: [orchestration] },
    code: orchestrator(`return yield context.df.callActivity('Trouble');`),
  },
  Overlaps: {
    json: { bindings: [activity] },
    code: `let running = 0; let peak = 0;
      module.exports = async () => {
        peak = Math.max(peak, ++running);
        await new Promise((resolve) => setTimeout(resolve, 30));
        running--;
        return peak;
      };`,
  },
  Trouble: {
    json: { bindings: [activity] },
    code: `module.exports = async () => {
      throw new Error('first line\\nsecond line', { cause: new Error('the inner cause') });
    };`,
  },
  Off: { json: { disabled: true, bindings: [orchestration] }, code: orchestrator('return 1;') },
  OffActivity: {
    json: { disabled: true, bindings: [activity] },
    code: 'module.exports = () => 1;',
  },
  OffBySetting: { json: { bindings: [activity] }, code: 'module.exports = async () => 1;' },
  OffEntity: {
    json: { disabled: true, bindings: [entity] },
    code: `module.exports = require('durable-functions').entity(() => {});`,
  },
  StartsMany: {
    json: {
      bindings: [http, { type: 'durableClient', name: 'starter', direction: 'out' }, answer],
    },
    code: `module.exports = async (context, req) => {
      context.bindings.starter = req.body;
      context.res = { status: 202, body: 'handed over' };
    };`,
  },
  Cleans: {
    json: {
      bindings: [
        { type: 'timerTrigger', name: 'timer', direction: 'in', schedule: '0 0 0 1 1 *' },
        { type: 'durableClient', name: 'client', direction: 'in' },
      ],
    },
    code: `const df = require('durable-functions');
      module.exports = async (context) => {
        const client = df.getClient(context);
        const { Completed, Failed, Terminated } = df.OrchestrationRuntimeStatus;
        const all = [Completed, Failed, Terminated];
        const old = await client.purgeInstanceHistoryBy(new Date(0), new Date(Date.now() - 86_400_000), all);
        const rest = await client.purgeInstanceHistoryBy(new Date(0), new Date(), all);
        context.log('purged', old.instancesDeleted, 'old and', rest.instancesDeleted, 'new ones');
      };`,
  },
};

let app: ScratchApp;
let func: FuncProcess;
let management: string;

beforeAll(async () => {
  const files: Record<string, unknown> = {
    'host.json': {
      version: '2.0',
      extensions: { durableTask: { hubName: 'Classic', maxConcurrentActivityFunctions: 2 } },
    },
    'package.json': {},
  };
  for (const [name, { json, code }] of Object.entries(FUNCTIONS)) {
    files[`${name}/function.json`] = json;
    files[`${name}/index.js`] = code;
  }
  app = await createScratchApp({
    files,
    packages: { 'durable-functions': 'durable-functions-v2' },
  });
  func = await startFunc({
    cwd: app.folder,
    args: ['--storage', 'memory'],
    env: { 'AzureWebJobs.OffBySetting.Disabled': 'true' },
  });
  management = `${func.url}/runtime/webhooks/durabletask`;
});

afterAll(async () => {
  await func.stop();
  await app.remove();
});

const runs = (name: string, input?: unknown): Promise<InstanceStatus> =>
  run(`${management}/orchestrators/${name}`, input);

const endOf = (id: string): Promise<InstanceStatus> =>
  ended({ id, statusQueryGetUri: `${management}/instances/${id}` });

it('A-19: starts every element of an output array, under its id', async () => {
  const items = [
    { FunctionName: 'Greets', Input: { n: 1 }, InstanceId: 'by-output-1' },
    { FunctionName: 'Greets', Input: 'two', InstanceId: 'by-output-2' },
    { FunctionName: 'Greets' },
  ];
  const response = await post(`${func.url}/api/StartsMany`, items);

  expect([response.status, await response.text()]).toEqual([202, 'handed over']);
  expect((await endOf('by-output-1')).output).toEqual(['hello', { n: 1 }]);
  expect((await endOf('by-output-2')).output).toEqual(['hello', 'two']);
  const all = await eventually(async () => {
    const list = (await (await fetch(`${management}/instances`)).json()) as InstanceStatus[];
    const greetings = list.filter(
      ({ name, runtimeStatus }) => name === 'Greets' && runtimeStatus === 'Completed',
    );
    return greetings.length === 3 ? greetings : undefined;
  });
  expect(all.find(({ instanceId }) => !instanceId.startsWith('by-output'))?.instanceId).toMatch(
    /^[0-9a-f]{32}$/,
  );
});

it.each(['OffActivity', 'OffBySetting'])('A-23: fails a call of the disabled %s', async (name) => {
  const status = await runs('CallsOff', name);

  expect(status.runtimeStatus).toBe('Failed');
  expect(status.output).toContain(`Activity function '${name}' is disabled.`);
});

it('A-23: fails a call of a disabled activity or child where it can be caught, the child with a row', async () => {
  const { output } = await runs('CatchesOff');

  expect(output).toEqual([
    expect.stringContaining("Activity function 'OffActivity' is disabled."),
    expect.stringContaining("The function 'Off' doesn't exist, is disabled"),
  ]);
  const child = await endOf('off-child');
  expect(child.runtimeStatus).toBe('Failed');
  expect(child.output).toContain(
    "Orchestrator function 'Off' failed: The function 'Off' doesn't exist",
  );
});

it('A-23: fails a call of a disabled entity, takes signals for it, and refuses to start a disabled orchestrator', async () => {
  const called = await runs('CallsOffEntity');
  expect(called.runtimeStatus).toBe('Failed');
  expect(String(called.output)).toContain("The function 'offentity' doesn't exist, is disabled");

  const signalled = await fetch(`${management}/entities/OffEntity/k?op=x`, { method: 'POST' });
  expect(signalled.status).toBe(202);

  const output = await post(`${func.url}/api/StartsMany`, [{ FunctionName: 'Off' }]);
  expect(output.status).toBe(500);

  for (const path of ['orchestrators/Off', 'instances/off-child/restart']) {
    const refused = await fetch(`${management}/${path}`, { method: 'POST' });
    expect(refused.status).toBe(400);
    expect(await refused.text()).toContain("The function 'Off' doesn't exist, is disabled");
  }
});

it('M-07: logs all lines of an error, and its cause', async () => {
  const status = await runs('CallsTrouble');

  expect(status.output).toContain('first line\nsecond line');
  expect(func.output()).toMatch(/first line\n(\[.*\] )?second line/);
  expect(func.output()).toContain('the inner cause');
});

it('R-17: keeps to maxConcurrentActivityFunctions of host.json', async () => {
  expect((await runs('Fans')).output).toBe(2);
});

it('I-19: purges from a timer what is old enough, and nothing else', async () => {
  const urls = await start(`${management}/orchestrators/Greets/to-be-purged`);
  await ended(urls);

  const response = await post(`${func.url}/admin/functions/Cleans`, {});

  expect(response.status).toBe(202);
  await eventually(() => /purged 0 old and [1-9]\d* new ones/.test(func.output()));
  expect((await fetch(urls.statusQueryGetUri)).status).toBe(404);
});
