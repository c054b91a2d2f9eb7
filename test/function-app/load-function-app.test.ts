import { symlink } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it, onTestFinished } from 'vitest';
import { type Fixture, loadFixture } from './load-fixture.ts';
import { classicActivity, temporaryApp } from './temporary-app.ts';

async function load(...args: Parameters<typeof loadFixture>): Promise<Fixture> {
  const fixture = await loadFixture(...args);
  onTestFinished(() => fixture.app.dispose());
  return fixture;
}

function names(fixture: Fixture): string[] {
  return fixture.app.functions.map(({ name }) => name).sort();
}

describe('an app of the v4 model', () => {
  it('tells its functions with kind, trigger and place', async () => {
    const fixture = await load('v4-commonjs');

    const { trigger, bindings, directory, scriptFile, ...rest } = fixture.fn('OnQueue');
    expect(rest).toEqual({
      name: 'OnQueue',
      functionId: 'OnQueue',
      kind: 'queue',
      model: 'v4',
      isDisabled: false,
    });
    expect(trigger).toMatchObject({ type: 'queueTrigger', direction: 'in', queueName: 'orders' });
    expect(bindings).toHaveLength(2);
    expect(scriptFile).toBe(`${directory}/activities.js`);
    expect(fixture.fn('Chain').kind).toBe('orchestrator');
    expect(fixture.fn('Counter').kind).toBe('entity');
    expect(fixture.fn('Tick').trigger).toMatchObject({ schedule: '0 */5 * * * *' });
  });

  it('has functions whose trigger the host does not have, to be run by hand', async () => {
    const fixture = await load('v4-commonjs');

    expect(fixture.app.problems).toEqual([]);
    expect(fixture.fn('Bus')).toMatchObject({
      kind: 'other',
      trigger: { type: 'serviceBusTrigger' },
    });
  });

  it('may be made of ES modules and CommonJS files', async () => {
    const fixture = await load('v4-modules');

    expect(names(fixture)).toEqual(['FromCommonJs', 'Hello', 'Ping', 'Say']);
    expect(
      await fixture.invoker.runActivity({ functionName: 'Say', instanceId: 'i', input: '["x"]' }),
    ).toEqual({ kind: 'completed', result: '"Hello x"' });
  });

  it.each(['v4-modules', 'v4-commonjs', 'classic-v2'])(
    'can be loaded again in the same process (%s)',
    async (app) => {
      const first = await load(app);
      const second = await load(app);
      await first.app.dispose();

      expect(names(second)).toEqual(names(first));
      expect(second.app.functions.map(({ model }) => model)).toEqual(
        first.app.functions.map(({ model }) => model),
      );
    },
  );

  it('may ask for HTTP streaming', async () => {
    const { app } = await load('v4-streaming');

    expect(app.capabilities).toMatchObject({
      HttpUri: expect.stringMatching(/^http:\/\/localhost:\d+\/$/) as string,
      Extra: '1',
      RawHttpBodyBytes: 'true',
    });
  });

  it('wins over function.json, and says so', async () => {
    const scriptRoot = await temporaryApp({
      'package.json': '{ "main": "index.js" }',
      'index.js': "require('durable-functions').app.activity('InCode', { handler: () => 1 });",
      ...classicActivity('InFolder'),
    });

    const fixture = await load(scriptRoot);

    expect(names(fixture)).toEqual(['InCode']);
    expect(fixture.records.filter(({ level }) => level === 'warning')).toMatchObject([
      { message: expect.stringContaining('not loaded: InFolder') as string },
    ]);
  });

  it('cannot register functions after its start', async () => {
    const scriptRoot = await temporaryApp({
      'package.json': '{ "main": "index.js" }',
      'index.js': `
        const { app } = require('@azure/functions');
        app.get('Late', () => { app.get('Later', () => undefined); });`,
    });
    const fixture = await load(scriptRoot);

    const result = await fixture.app.invoke(fixture.fn('Late'), {
      triggerData: { http: { method: 'GET', url: 'http://localhost/' } },
    });

    expect(result).toMatchObject({
      message: 'A function can only be registered during app startup.',
    });
  });
});

describe('a classic app', () => {
  it('is found by its function.json, however it is written', async () => {
    const scriptRoot = await temporaryApp({
      'WithBom/function.json':
        '\uFEFF{ /* a comment */ "bindings": [{ "name": "a", "type": "activityTrigger", },], // end\n}',
      'WithBom/run.js': '\uFEFFmodule.exports = { only: async (context, name) => `bom ${name}` };',
      'WithBom/other.js': '// not the script',
      'no-function/readme.txt': '',
    });

    const fixture = await load(scriptRoot);

    expect(names(fixture)).toEqual(['WithBom']);
    expect(fixture.fn('WithBom')).toMatchObject({ model: 'v3', kind: 'activity' });
    expect(
      await fixture.invoker.runActivity({
        functionName: 'WithBom',
        instanceId: 'i',
        input: '["x"]',
      }),
    ).toEqual({ kind: 'completed', result: '"bom x"' });
  });

  it.each([
    ['ClassStyle', '"Hello x"'],
    ['Module', '"module x"'],
  ])('finds the function among the exports (%s)', async (functionName, result) => {
    const { invoker } = await load('classic-v2');

    expect(await invoker.runActivity({ functionName, instanceId: 'i', input: '["x"]' })).toEqual({
      kind: 'completed',
      result,
    });
  });

  it('may have folders and scripts of functions elsewhere, that links lead to', async () => {
    const elsewhere = await temporaryApp(classicActivity('Say'));
    const { 'Own/function.json': json = '' } = classicActivity('Own');
    const scriptRoot = await temporaryApp({ 'Own/function.json': json });
    await symlink(
      path.join(elsewhere, 'Say', 'index.js'),
      path.join(scriptRoot, 'Own', 'index.js'),
    );
    await symlink(path.join(elsewhere, 'Say'), path.join(scriptRoot, 'Linked'));
    await symlink(path.join(elsewhere, 'None'), path.join(scriptRoot, 'Broken'));

    const { app } = await load(scriptRoot);

    expect(app.functions.map(({ name }) => name)).toEqual(['Linked', 'Own']);
    expect(app.problems).toEqual([]);
  });

  it('loads only what the allow list names', async () => {
    const fixture = await load('classic-v2', { functionsAllowList: ['chain', 'Echo'] });

    expect(names(fixture)).toEqual(['Chain', 'Echo']);
  });

  it('may have functions disabled by settings', async () => {
    const fixture = await load('classic-v2', {
      environment: { 'AzureWebJobs.Echo.Disabled': 'true', AZUREWEBJOBS_CHAIN_DISABLED: '1' },
    });

    expect(fixture.fn('Echo').isDisabled).toBe(true);
    expect(fixture.invoker.functions.disabled?.orchestrators).toEqual(['Chain']);
  });

  it('has retry options', async () => {
    const retry =
      '"retry": { "strategy": "fixedDelay", "maxRetryCount": 2, "delayInterval": "00:00:10" }';
    const json = `{ ${retry}, "bindings": [{ "name": "name", "type": "activityTrigger" }] }`;
    const fixture = await load(await temporaryApp(classicActivity('Retried', { json })));

    expect(fixture.fn('Retried').retryOptions).toMatchObject({
      strategy: 'fixedDelay',
      maxRetryCount: 2,
      delayIntervalMs: 10_000,
    });
  });

  it('loads the main of its package.json first', async () => {
    const scriptRoot = await temporaryApp({
      'package.json': '{ "main": "start.js" }',
      'start.js': 'globalThis.startedFirst = true;',
      ...classicActivity('A', { script: 'module.exports = async () => globalThis.startedFirst;' }),
    });

    const { invoker } = await load(scriptRoot);

    expect(
      await invoker.runActivity({ functionName: 'A', instanceId: 'i', input: null }),
    ).toMatchObject({ result: 'true' });
  });
});

describe('one broken function', () => {
  it.each([
    [
      'throws',
      { script: "throw new Error('load broke')" },
      /'load broke at Broken\/index\.js:1:7' \(Broken\/index\.js\)/,
    ],
    [
      'has a typing error',
      { script: 'module.exports = async ( => 1' },
      /^Worker was unable to load function Broken: 'Unexpected token '=>' at Broken\/index\.js:1:26' /,
    ],
    [
      'misses a package',
      { script: "require('not-installed')" },
      /'Cannot find module 'not-installed' at Broken\/index\.js:1:1' \(Broken\/index\.js\)\n/,
    ],
    [
      'exports too much',
      { script: 'exports.a = () => 1; exports.b = () => 2' },
      /'run' or 'index'/,
    ],
    ['exports no function', { script: 'exports.run = 1; exports.b = 2' }, /not a function/],
    [
      'has no such script',
      { json: '{ "scriptFile": "../dist/x.js", "bindings": [{}] }' },
      /does not exist/,
    ],
    ['has no bindings', { json: '{ "bindings": [] }' }, /At least one binding/],
    ['is no JSON', { json: '{ "bindings": [' }, /Broken\/function\.json is not valid JSON/],
    [
      'has no trigger',
      { json: '{ "bindings": [{ "name": "res", "type": "http", "direction": "out" }] }' },
      /No trigger binding specified/,
    ],
    [
      'uses an unknown binding',
      {
        json: '{ "bindings": [{ "name": "a", "type": "activityTrigger" }, { "name": "message", "type": "twilioSms", "direction": "out" }] }',
      },
      /The binding 'message' has the type 'twilioSms', which this host does not have .*Remove the binding/,
    ],
    [
      'speaks the protocol of durable-functions 4',
      {
        json: '{ "bindings": [{ "name": "a", "type": "activityTrigger", "durableRequiresGrpc": true }] }',
      },
      /durable-functions 4, a preview .* npm install durable-functions@3/,
    ],
    [
      'reads a binding that can only be written',
      {
        json: '{ "bindings": [{ "name": "a", "type": "activityTrigger" }, { "name": "b", "type": "queue" }] }',
      },
      /The binding 'b': the type 'queue' can be used for output only/,
    ],
    [
      'needs a setting that is not there',
      {
        json: '{ "bindings": [{ "name": "a", "type": "timerTrigger", "schedule": "%NOT_SET%" }] }',
      },
      /'%NOT_SET%' does not resolve to a value/,
    ],
    [
      'has two bindings of one name',
      {
        json: '{ "bindings": [{ "name": "a", "type": "activityTrigger" }, { "name": "A", "type": "http", "direction": "out" }] }',
      },
      /Multiple bindings with name 'A'/,
    ],
    [
      'has an impossible direction',
      { json: '{ "bindings": [{ "name": "a", "type": "activityTrigger", "direction": "up" }] }' },
      /'up' is not a valid binding direction/,
    ],
    [
      'has an impossible binding name',
      { json: '{ "bindings": [{ "name": "1a", "type": "activityTrigger" }] }' },
      /The binding name 1a is invalid/,
    ],
  ])('that %s is a problem, and the others run', async (_what, broken, reason) => {
    const scriptRoot = await temporaryApp({
      ...classicActivity('Good'),
      ...classicActivity('Broken', broken),
    });

    const fixture = await load(scriptRoot);

    expect(names(fixture)).toEqual(['Good']);
    expect(fixture.app.problems).toEqual([
      { functionName: 'Broken', reason: expect.stringMatching(reason) as string },
    ]);
  });

  it('with an impossible name is a problem', async () => {
    const fixture = await load(await temporaryApp(classicActivity('1st')));

    expect(fixture.app.problems).toEqual([
      { functionName: '1st', reason: "'1st' is not a valid function name." },
    ]);
  });

  it('of another language is a problem', async () => {
    const { 'X/index.js': _script, ...files } = classicActivity('X');
    const fixture = await load(await temporaryApp({ ...files, 'X/run.csx': '' }));

    expect(fixture.app.problems).toMatchObject([
      { reason: expect.stringContaining("'run.csx' is not JavaScript") as string },
    ]);
  });
});

describe('a broken entry point', () => {
  it('is a problem with file and message, and the others are loaded', async () => {
    const register = (name: string): string =>
      `require('durable-functions').app.activity('${name}', { handler: () => 1 });`;
    const scriptRoot = await temporaryApp({
      'package.json': '{ "main": "src/*.js" }',
      'src/a.js': `${register('BeforeTheError')} throw new Error('entry broke');`,
      'src/b.js': register('Good'),
    });

    const fixture = await load(scriptRoot);

    expect(names(fixture)).toEqual(['BeforeTheError', 'Good']);
    expect(fixture.app.problems).toEqual([
      {
        functionName: 'src/a.js',
        reason: expect.stringMatching(
          /^Worker was unable to load entry point "src\/a\.js": entry broke at src\/a\.js:\d+:\d+\n/,
        ) as string,
      },
    ]);
  });

  it('is one that matches no file', async () => {
    const fixture = await load(await temporaryApp({ 'package.json': '{ "main": "dist/*.js" }' }));

    expect(fixture.app.problems).toMatchObject([
      {
        functionName: 'dist/*.js',
        reason: expect.stringContaining('Found zero files matching') as string,
      },
    ]);
  });

  it("is no main of npm's making beside functions in folders", async () => {
    const main = { 'package.json': '{ "main": "./index.js" }' };
    const classic = await load(await temporaryApp({ ...main, ...classicActivity('Say') }));
    const empty = await load(await temporaryApp(main));

    expect(classic.app.problems).toEqual([]);
    expect(empty.app.problems).toMatchObject([{ functionName: './index.js' }]);
  });

  it('is the second of two functions whose names differ only in case, which is named', async () => {
    const fixture = await load(
      await temporaryApp({ ...classicActivity('Say'), ...classicActivity('say') }),
    );

    expect(fixture.app.functions.map(({ name }) => name)).toEqual(['Say']);
    expect(fixture.app.problems).toEqual([
      {
        functionName: 'say',
        reason:
          "'say' is left out, since the app has 'Say' too, and case does not count in the names of functions. Rename one of the two.",
      },
    ]);
  });

  it('is an appStart hook that fails: the app does not start', async () => {
    const scriptRoot = await temporaryApp({
      'package.json': '{ "main": "index.js" }',
      'index.js': `
        require('@azure/functions').app.hook.appStart(() => { throw new Error('no database'); });`,
    });

    await expect(loadFixture(scriptRoot)).rejects.toMatchObject({
      code: 'CONFIG',
      message: 'An appStart hook of the app failed: no database',
    });
  });

  it('is a package.json that cannot be read: a warning', async () => {
    const fixture = await load(await temporaryApp({ 'package.json': '{ "main": ' }));

    expect(fixture.app.problems).toEqual([]);
    expect(fixture.records).toMatchObject([
      { level: 'warning', message: expect.stringContaining('package.json') as string },
    ]);
  });
});
