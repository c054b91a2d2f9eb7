/**
 * Apps that nobody here wrote: the official samples, unchanged, in scratch copies with their SDK from npm. They lie beside the
 * repository; without them these tests are skipped, loudly.
 */
import { existsSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';
import { REPOSITORY, startFunc, type FuncProcess } from '../support/func-process.ts';
import { post, run, type InstanceStatus } from '../support/instances.ts';
import { createScratchApp, isInstalled, type ScratchApp } from '../support/scratch-app.ts';

const APPS = path.join(REPOSITORY, '..', 'shared', 'apps');
const hasApps = existsSync(APPS);
if (!hasApps) {
  process.stderr.write(
    'SKIPPED: the official apps are not beside the repository (../shared/apps).\n',
  );
}

const COMMON_PACKAGES = ['axios', 'luxon', 'moment', 'readdirp', 'seedrandom', 'uuid'];
const CLASSIC_GREETINGS = ['Hello Tokyo!', 'Hello Seattle!', 'Hello London!'];

interface RunningApp {
  start(orchestrator: string, input?: unknown): Promise<InstanceStatus>;
  readonly url: () => string;
  readonly output: () => string;
}

/** Starts an app for the tests of a describe block, and ends it with them. */
function running(name: string, sdk: string, startPath: string): RunningApp {
  let app: ScratchApp;
  let func: FuncProcess;
  beforeAll(async () => {
    const installed = COMMON_PACKAGES.filter(isInstalled).map((entry) => [entry, entry]);
    app = await createScratchApp({
      copyOf: path.join(APPS, name),
      packages: {
        'durable-functions': sdk,
        '@azure/functions': '@azure/functions',
        ...(Object.fromEntries(installed) as Record<string, string>),
      },
    });
    func = await startFunc({
      cwd: app.folder,
      env: {
        AzureWebJobsStorage: azuriteConnectionString(),
        FUNCTIONS_WORKER_RUNTIME: 'node',
        AzureFunctionsJobHost__extensions__durableTask__hubName: freshHubName('Official'),
      },
    });
  });
  afterAll(async () => {
    await func.stop();
    await app.remove();
  });
  return {
    start: (orchestrator, input) => run(`${func.url}/${startPath}${orchestrator}`, input),
    url: () => func.url,
    output: () => func.output(),
  };
}

describe.skipIf(!hasApps)('the official v4 samples', () => {
  const app = running('v4-samples-js', 'durable-functions', 'api/orchestrators/');

  it.each([
    ['helloSequence', {}, ['Hello Tokyo', 'Hello Seattle', 'Hello Cairo']],
    ['sayHelloWithActivity', 'Bob', 'Hello Bob'],
    ['sayHelloWithSubOrchestrator', 'Bob', 'Hello Bob'],
    ['callActivityWithRetry', {}, null],
  ])('%s', async (orchestrator, input, output) => {
    const status = await app.start(orchestrator, input);

    expect(status).toMatchObject({ runtimeStatus: 'Completed', output });
  });

  it('sayHelloWithCustomStatus sets its custom status', async () => {
    const status = await app.start('sayHelloWithCustomStatus', 'Bob');

    expect(status).toMatchObject({ output: 'Hello Bob', customStatus: 'Hello Bob' });
  });

  it('counterOrchestration adds to the counter', async () => {
    const status = await app.start('counterOrchestration', {});

    expect(status).toMatchObject({ runtimeStatus: 'Completed', output: null });
    const url = `${app.url()}/runtime/webhooks/durabletask/entities/counterEntity/myCounter`;
    expect(await (await fetch(url)).json()).toBe(1);
  });

  it('httpSyncStart answers with the output', async () => {
    const url = `${app.url()}/api/orchestrators/wait/helloSequence?timeout=20&retryInterval=0.2`;

    const response = await post(url, {});

    expect(await response.json()).toEqual(['Hello Tokyo', 'Hello Seattle', 'Hello Cairo']);
  });

  it('httpStart fails with 500 for a body that is no JSON', async () => {
    const response = await fetch(`${app.url()}/api/orchestrators/helloSequence`, {
      method: 'POST',
    });

    expect(response.status).toBe(500);
  });

  it.skipIf(!isInstalled('luxon'))('cancelTimer does not wait for its timer', async () => {
    const status = await app.start('cancelTimer', {});

    expect(status.output).toBe('Hello from the other side');
  });
});

describe.skipIf(!hasApps).each([
  ['classic-samples-v2.1.3', 'durable-functions-v2'],
  ['classic-samples-v1.5.4', 'durable-functions-v1'],
])('the official %s', (name, sdk) => {
  const app = running(name, sdk, 'orchestrators/');

  it.each([
    ['E1_HelloSequence', undefined, CLASSIC_GREETINGS],
    ['SayHelloWithActivity', 'Bob', 'Hello Bob!'],
    // SDKs before 3.0 encode the input of a sub-orchestration twice; apps have adapted to the quotes.
    ['SayHelloWithSubOrchestrator', 'Bob', 'Hello "Bob"!'],
    ['SayHelloWithCustomStatus', undefined, CLASSIC_GREETINGS],
    ['CallActivityWithRetry', undefined, null],
    ['cancel-timer', undefined, 'Hello from the other side!'],
    ['CounterOrchestration', undefined, null],
    ['AsyncCounterOrchestration', undefined, null],
  ])('%s', async (orchestrator, input, output) => {
    const status = await app.start(orchestrator, input);

    expect(status).toMatchObject({ runtimeStatus: 'Completed', output });
  });

  it('ThrowsErrorInline fails with its own words', async () => {
    const status = await app.start('ThrowsErrorInline');

    expect(status.runtimeStatus).toBe('Failed');
    expect(status.output).toContain('ThrowsErrorInline does what it says on the tin.');
  });

  it('names the functions whose compiled code is missing', () => {
    expect(app.output()).toMatch(/The 'ShoppingEntity' function is in error: .+/);
  });
});

describe.skipIf(!hasApps).each(['docs-samples-v2.3.0', 'docs-samples-v1.8.3'])(
  'the documentation samples %s',
  (name) => {
    const app = running(name, 'durable-functions-v1', 'orchestrators/');

    it('E1_HelloSequence', async () => {
      const status = await app.start('E1_HelloSequence');

      expect(status).toMatchObject({ runtimeStatus: 'Completed', output: CLASSIC_GREETINGS });
    });

    it('HttpSyncStart answers with the output', async () => {
      const query = 'timeout=20&retryInterval=0.2';

      const response = await post(`${app.url()}/orchestrators/wait/E1_HelloSequence?${query}`);

      expect(await response.json()).toEqual(CLASSIC_GREETINGS);
    });

    it('E4_SmsPhoneVerification fails without a phone number', async () => {
      const status = await app.start('E4_SmsPhoneVerification');

      expect(status.runtimeStatus).toBe('Failed');
      expect(status.output).toContain('A phone number input is required.');
    });
  },
);

describe.skipIf(!hasApps)('the official smoke test app', () => {
  const app = running('smoke-durableJS', 'durable-functions-v1', 'api/');

  it('runs its orchestration; PrintObject reads a binding that it does not have', async () => {
    const status = await app.start('DurableFunctionsHttpStart');

    expect(status).toMatchObject({ name: 'DurableFunctionsOrchestratorJS' });
    expect(status.output).toEqual([
      ...CLASSIC_GREETINGS,
      'Hello 123!',
      'Dubai,New York,Vancouver',
      null,
    ]);
  });

  it('answers the ping of the host', async () => {
    expect((await post(`${app.url()}/admin/host/ping`)).status).toBe(200);
  });
});
