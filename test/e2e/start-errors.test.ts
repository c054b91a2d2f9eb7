import { createServer } from 'node:net';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { createLocalBackend } from '../../src/local/local-backend.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { azuriteConnectionString } from '../support/azurite.ts';
import { freePort, runFunc, startFunc } from '../support/func-process.ts';
import { createScratchApp, type ScratchApp } from '../support/scratch-app.ts';

const apps: ScratchApp[] = [];
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.remove()));
});

async function scratchApp(files: Readonly<Record<string, unknown>> = {}): Promise<string> {
  const app = await createScratchApp({ files });
  apps.push(app);
  return app.folder;
}

describe('func start fails with one line and exit code 1', () => {
  it('when its port is taken', async () => {
    const port = await freePort();
    const blocker = createServer().listen(port, '127.0.0.1');
    const folder = await scratchApp();

    const exit = await runFunc({ port, cwd: folder, args: ['--storage', 'memory'] });
    blocker.close();

    expect(exit).toMatchObject({ code: 1 });
    expect(exit.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(exit.stderr).toContain(
      `Port ${port} is unavailable. Close the process using that port, or specify another port using --port [-p]`,
    );
  });

  it('when an import into its hub was interrupted', async () => {
    const folder = await scratchApp();
    const where = { path: path.join(folder, '.durable'), taskHub: 'TestHubName' };
    const hub = createLocalBackend({ ...where, log: silentLogger });
    await hub.createHub();
    await hub.markImport('{}');
    await hub.stop();

    const exit = await runFunc({
      port: await freePort(),
      cwd: folder,
      args: ['--storage', 'local'],
    });

    expect(exit).toMatchObject({ code: 1 });
    expect(exit.stderr.trimEnd().split('\n')).toEqual([
      expect.stringContaining("An import into task hub 'TestHubName' is not complete, and no host"),
    ]);
  });

  it('when storage does not answer', async () => {
    const nowhere = await freePort();
    const folder = await scratchApp();

    const exit = await runFunc({
      port: await freePort(),
      cwd: folder,
      env: {
        AzureWebJobsStorage: `DefaultEndpointsProtocol=http;AccountName=nobody;AccountKey=bm9ib2R5;BlobEndpoint=http://127.0.0.1:${nowhere}/nobody;QueueEndpoint=http://127.0.0.1:${nowhere}/nobody;TableEndpoint=http://127.0.0.1:${nowhere}/nobody`,
      },
    });

    expect(exit.code).toBe(1);
    expect(exit.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(exit.stderr).toContain(`127.0.0.1:${nowhere}`);
  });

  it('when the script root does not exist', async () => {
    const exit = await runFunc({ port: await freePort(), args: ['--script-root', '/no/such/app'] });

    expect(exit.code).toBe(1);
    expect(exit.stderr.trimEnd().split('\n')).toHaveLength(1);
    expect(exit.stderr).toContain('/no/such/app');
  });
});

describe('func start with bad settings', () => {
  it('names every problem on a line of its own', async () => {
    const folder = await scratchApp({
      'host.json': {
        version: '2.0',
        extensions: {
          durableTask: {
            maxConcurrentActivityFunctions: 'many',
            storageProvider: { partitionCount: 0 },
          },
        },
      },
    });

    const exit = await runFunc({
      port: await freePort(),
      cwd: folder,
      env: { AzureWebJobsStorage: azuriteConnectionString() },
    });

    expect(exit.code).toBe(1);
    expect(exit.stderr).toContain('maxConcurrentActivityFunctions');
    expect(exit.stderr).toContain('partitionCount');
    expect(exit.stderr.trimEnd().split('\n')).toHaveLength(2);
  });

  it('refuses a host.json that is no JSON', async () => {
    const folder = await scratchApp({ 'host.json': '{"version":' });

    const exit = await runFunc({ port: await freePort(), cwd: folder });

    expect(exit.code).toBe(1);
    expect(exit.stderr).toContain('host.json');
    expect(exit.stderr.trimEnd().split('\n')).toHaveLength(1);
  });
});

describe('func start with functions in error', () => {
  it('names them with the reason, and runs the others', async () => {
    const folder = await scratchApp({
      'Good/function.json': {
        bindings: [http('in'), { type: 'http', direction: 'out', name: '$return' }],
      },
      'Good/index.js': 'module.exports = async () => ({ body: "fine" });',
      'NoTrigger/function.json': { bindings: [{ type: 'http', direction: 'out', name: 'res' }] },
      'NoTrigger/index.js': 'module.exports = async () => {};',
      'Unknown/function.json': {
        bindings: [{ type: 'kafkaTrigger', direction: 'in', name: 'event' }],
      },
      'Unknown/index.js': 'module.exports = async () => {};',
      'Broken/function.json': { bindings: [http('in')] },
      'Broken/index.js': 'this is not JavaScript',
    });

    const func = await startFunc({ cwd: folder, args: ['--storage', 'memory'] });
    const answer = await fetch(`${func.url}/api/Good`);
    const exit = await func.stop();

    expect(await answer.text()).toBe('fine');
    expect(exit.code).toBe(0);
    for (const name of ['NoTrigger', 'Unknown', 'Broken']) {
      expect(func.output()).toMatch(new RegExp(`The '${name}' function is in error: .+`));
    }
  });
});

describe('func start with code that cannot be loaded', () => {
  it.each([
    ['a syntax error', 'const c = ;', "Unexpected token ';' at lib/b.js:3:11", '  const c = ;'],
    [
      'an export that is not there',
      "import { d } from './c.js';",
      "'./c.js' does not provide an export named 'd' at lib/b.js:3:10",
      "  import { d } from './c.js';",
    ],
  ])('says where %s is in an ES module that was imported', async (_, code, where, line) => {
    const folder = await scratchApp({
      'package.json': { type: 'module', main: 'a.js' },
      'a.js': "import './lib/b.js';",
      'lib/b.js': `\n\n${code}`,
      'lib/c.js': '',
    });

    const func = await startFunc({ cwd: folder, args: ['--storage', 'memory', '--no-reload'] });
    await func.stop();

    const lines = func.output().split('\n');
    const said = lines.findIndex((each) => each.includes(where));
    expect(lines[said]).toContain('unable to load entry point "a.js"');
    expect(lines.slice(said + 1, said + 3).map((each) => each.replace(/^\[[^\]]*\] /, ''))).toEqual(
      [line, expect.stringMatching(/^ {11,12}\^$/)],
    );
  });
});

function http(direction: string): Record<string, unknown> {
  return { type: 'httpTrigger', direction, name: 'req', authLevel: 'anonymous' };
}
