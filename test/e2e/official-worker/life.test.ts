/** The official worker from its start to its end, and what of an app still works when this package cannot. */
import { cp, readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { AzureHub } from '../../support/azure-hub.ts';
import { freshHubName } from '../../support/azurite.ts';
import { eventually } from '../../support/eventually.ts';
import { REPOSITORY } from '../../support/func-process.ts';
import { whyNoOfficialWorker } from '../../support/functions-host/official-worker.ts';
import {
  GREETINGS,
  hubSettings,
  V4_COMMONJS,
  WorkerApps,
} from '../../support/functions-host/worker-app.ts';
import { ended, post, start } from '../../support/instances.ts';
import { LONG } from '../../support/patience.ts';
import type { ScratchApp } from '../../support/scratch-app.ts';

const why = whyNoOfficialWorker();
const apps = new WorkerApps();

afterEach(() => apps.close());

const REGISTER = "require('durable-functions-extension/register');\n";
const WAKE_UP_URL = 'AzureFunctionsJobHost__extensions__durableTask__wakeUpUrl';
const DURABLE_NAMES = ['Hello', 'SayHello', 'Parent', 'Approval', 'Counter'];

function durableApp(files: Readonly<Record<string, unknown>> = {}): Promise<ScratchApp> {
  return apps.app({
    'package.json': { main: 'index.js' },
    'index.js': REGISTER + V4_COMMONJS,
    ...files,
  });
}

const statusUrl = (url: string, id: string) => ({
  id,
  statusQueryGetUri: `${url}/api/durabletask/instances/${id}`,
});

describe.skipIf(why !== undefined)(`the official worker${why ? `: ${why}` : ''}`, () => {
  it('shares its hub with others of the same app', LONG, async () => {
    const app = await durableApp();
    const env = hubSettings();
    const hosts = [await apps.start(app, { env }), await apps.start(app, { env })];

    const started = await Promise.all(
      [0, 1, 0, 1].map((index) => start(`${hosts[index]?.url ?? ''}/api/orchestrators/Hello`)),
    );

    for (const urls of started) expect(await ended(urls)).toMatchObject({ output: GREETINGS });
  });

  it(
    'has its doorbell at a port of its own, whatever wakeUpUrl says of the port of a host',
    LONG,
    async () => {
      const taskHub = freshHubName();
      const env = { ...hubSettings(taskHub), [WAKE_UP_URL]: 'http://10.0.0.7:7071' };

      await apps.start(await durableApp(), { env });

      const table = new AzureHub({ taskHub, partitionCount: 4 }).partitionTable();
      const urls = await eventually(async () => {
        const { rows } = await table.read();
        const found = rows.flatMap(({ doorbell }) => doorbell?.url ?? []);
        return found.length === 4 ? found : undefined;
      });
      for (const url of urls) expect(url).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/doorbell$/);
    },
  );

  it('leaves it to the host what a number of processes means', LONG, async () => {
    const env = { FUNCTIONS_WORKER_PROCESS_COUNT: '0' };
    const host = await apps.start(await durableApp(), { env });

    expect(await ended(await start(`${host.url}/api/orchestrators/Hello`))).toMatchObject({
      output: GREETINGS,
    });
  });

  it('gets its app after it was kept ready without one', LONG, async () => {
    const placeholder = await apps.app({ 'package.json': {} }, {});
    const app = await durableApp();
    const host = await apps.start(app, { placeholder: placeholder.folder });

    await host.specialise(app.folder, hubSettings());

    expect([...host.refused]).toEqual([]);
    expect(await ended(await start(`${host.url}/api/orchestrators/Hello`))).toMatchObject({
      output: GREETINGS,
    });
  });

  it('runs the other functions when there is no storage, and says why', LONG, async () => {
    const nowhere =
      'DefaultEndpointsProtocol=http;AccountName=a;AccountKey=YQ==;BlobEndpoint=http://127.0.0.1:9/a;QueueEndpoint=http://127.0.0.1:9/a;TableEndpoint=http://127.0.0.1:9/a';
    const host = await apps.start(await durableApp(), { env: { AzureWebJobsStorage: nowhere } });

    expect(await (await host.fetch('api/Ping')).text()).toBe('pong');
    expect((await host.logged('cannot be opened in the storage account')).level).toBe('Error');
    const refused = await host.fetch('api/durabletask/instances');
    expect(refused.status).toBe(503);
    expect(await refused.text()).toContain('The task hub is not open');
    expect((await post(`${host.url}/api/orchestrators/Hello`)).status).toBe(500);
  });

  it('runs the other functions when host.json is wrong, and says where', LONG, async () => {
    const hostJson = {
      version: '2.0',
      extensions: { durableTask: { maxConcurrentActivityFunctions: -1 } },
    };
    const host = await apps.start(await durableApp({ 'host.json': hostJson }));

    expect(await (await host.fetch('api/Ping')).text()).toBe('pong');
    const { level, message } = await host.logged('could not start');
    expect(level).toBe('Error');
    expect(message).toContain('extensions.durableTask.maxConcurrentActivityFunctions');
  });

  it('runs no durable functions where instances would be lost with the worker', LONG, async () => {
    const hostJson = { extensions: { durableTask: { storageProvider: { type: 'local' } } } };
    const host = await apps.start(
      await durableApp({ 'host.json': { version: '2.0', ...hostJson } }),
      {
        env: { AZURE_FUNCTIONS_ENVIRONMENT: 'Production' },
      },
    );

    expect(await (await host.fetch('api/Ping')).text()).toBe('pong');
    expect((await host.logged('its task hub needs a storage account')).level).toBe('Error');
    expect(host.names).not.toContain('DurableTaskManagement');
  });

  it('names functions of the next major version of the SDK, and the remedy', LONG, async () => {
    const trigger = `{ type: 'orchestrationTrigger', name: 'context', durableRequiresGrpc: true }`;
    const next = `app.generic('Next', { trigger: ${trigger}, handler: () => undefined });`;
    const host = await apps.start(await durableApp({ 'index.js': REGISTER + V4_COMMONJS + next }));

    const { level, message } = await host.logged("The 'Next' function is in error");
    expect(level).toBe('Error');
    expect(message).toContain('npm install durable-functions@3');
  });

  it('is told when this package comes after the functions', LONG, async () => {
    const host = await apps.start(await durableApp({ 'index.js': V4_COMMONJS + REGISTER }));

    const errors = host.logs.filter(({ level }) => level === 'Error');
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringContaining('was loaded after functions had been registered'),
    ]);
    expect([...host.refused.keys()]).toEqual(expect.arrayContaining(DURABLE_NAMES));
    expect(await (await host.fetch('api/Ping')).text()).toBe('pong');
  });

  it('is told when this package is there twice, and uses the first', LONG, async () => {
    const app = await durableApp({
      'index.js': `${REGISTER}require('./other/dist/worker/register.js');${V4_COMMONJS}`,
    });
    const other = path.join(app.folder, 'other');
    await cp(path.join(REPOSITORY, 'dist'), path.join(other, 'dist'), { recursive: true });
    const text = await readFile(path.join(REPOSITORY, 'package.json'), 'utf8');
    const packageJson = { ...(JSON.parse(text) as object), version: '99.0.0' };
    await writeFile(path.join(other, 'package.json'), JSON.stringify(packageJson));
    const host = await apps.start(app);

    const errors = host.logs.filter(({ level }) => level === 'Error');
    expect(errors.map(({ message }) => message)).toEqual([
      expect.stringMatching(/was loaded twice: version .* and version 99\.0\.0 from .*other/),
    ]);
    expect(await ended(await start(`${host.url}/api/orchestrators/Hello`))).toMatchObject({
      output: GREETINGS,
    });
  });

  it('asks for a key of its own where others can call', LONG, async () => {
    const host = await apps.start(await durableApp(), {
      env: { AZURE_FUNCTIONS_ENVIRONMENT: 'Production' },
    });
    const urls = await start(`${host.url}/api/orchestrators/Hello`);

    expect(urls.statusQueryGetUri).toContain('&code=');
    expect(await ended(urls)).toMatchObject({ output: GREETINGS });
    expect((await fetch(statusUrl(host.url, urls.id).statusQueryGetUri)).status).toBe(401);
  });

  it(
    'asks for it wherever the app has an address, whatever the environment is called',
    LONG,
    async () => {
      const env = { AZURE_FUNCTIONS_ENVIRONMENT: 'Development', WEBSITE_HOSTNAME: 'app.example' };
      const host = await apps.start(await durableApp(), { env });
      const urls = await start(`${host.url}/api/orchestrators/Hello`);

      expect(urls.statusQueryGetUri).toContain('&code=');
      expect((await fetch(statusUrl(host.url, urls.id).statusQueryGetUri)).status).toBe(401);
    },
  );

  it('publishes the management API as host.json says', LONG, async () => {
    const hostJson = {
      version: '2.0',
      extensions: {
        http: { routePrefix: '' },
        durableTask: {
          hubName: freshHubName(),
          managementFunction: {
            name: 'Manage',
            route: 'internal/tasks',
            authLevel: 'function',
            key: '%MANAGE_KEY%',
          },
          warmUpSchedule: '0 */5 * * * *',
        },
      },
    };
    const host = await apps.start(await durableApp({ 'host.json': hostJson }), {
      env: { MANAGE_KEY: 'of the host' },
    });

    const manage = host.functions.find(({ name }) => name === 'Manage');
    expect(manage?.trigger).toMatchObject({
      authLevel: 'function',
      route: 'internal/tasks/{*path}',
    });
    expect(host.names).toContain('DurableTaskWarmUp');
    const urls = await start(`${host.url}/orchestrators/Hello`);
    const shown = new URL(urls.statusQueryGetUri);
    expect(shown.pathname).toBe(`/internal/tasks/instances/${urls.id}`);
    expect(shown.searchParams.get('code')).toBe('of the host');
    expect(await ended(urls)).toMatchObject({ output: GREETINGS });
  });

  it('says once that it does not watch orchestrators as host.json asks', LONG, async () => {
    const extensions = { durableTask: { orchestratorCodeChecks: 'error' } };
    const clock = `df.app.orchestration('Clock', function* () { return typeof Date.now(); });`;
    const host = await apps.start(
      await durableApp({
        'host.json': { version: '2.0', extensions },
        'index.js': REGISTER + V4_COMMONJS + clock,
      }),
    );

    expect(await ended(await start(`${host.url}/api/orchestrators/Clock`))).toMatchObject({
      output: 'number',
    });
    const notices = host.logs.filter(({ message }) => message.includes('orchestratorCodeChecks'));
    expect(notices).toMatchObject([
      { level: 'Warning', message: expect.stringContaining('func start') as string },
    ]);
  });

  it('warns of a plan that lets the app sleep', LONG, async () => {
    const host = await apps.start(await durableApp(), { env: { WEBSITE_SKU: 'Dynamic' } });

    expect((await host.logged('On a consumption plan')).level).toBe('Warning');
  });
});
