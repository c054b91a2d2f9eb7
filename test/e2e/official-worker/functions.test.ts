/** What functions of an app find in the official worker, and what its clients outside can do. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { QueueServiceClient } from '@azure/storage-queue';
import { azuriteConnectionString, freshHubName } from '../../support/azurite.ts';
import { eventually } from '../../support/eventually.ts';
import type { FunctionsHost } from '../../support/functions-host/functions-host.ts';
import { whyNoOfficialWorker } from '../../support/functions-host/official-worker.ts';
import { GREETINGS, V4_COMMONJS, WorkerApps } from '../../support/functions-host/worker-app.ts';
import { ended, post, start } from '../../support/instances.ts';

const why = whyNoOfficialWorker();
const QUEUE = freshHubName('queue').toLowerCase();

const HOOKED = `
const core = require('@azure/functions-core');
core.registerHook('appStart', (context) => { context.appHookData.greeting = 'hooked'; });
core.registerHook('preInvocation', (context) => {
  if (context.invocationContext.functionName !== 'Hooked') return;
  context.inputs = [\`\${context.appHookData.greeting} \${context.inputs[0]}\`];
});
app.hook.postInvocation((context) => {
  if (context.invocationContext.functionName === 'Hooked') context.result += '!';
});
df.app.activity('Hooked', { handler: (input) => input });
const queue = output.storageQueue({ queueName: '${QUEUE}', connection: 'AzureWebJobsStorage' });
df.app.activity('Look', {
  extraOutputs: [queue],
  handler: (input, context) => {
    context.extraOutputs.set(queue, \`saw \${input}\`);
    context.warn('looked around');
    const { functionName, invocationId, triggerMetadata } = context;
    return { functionName, hasId: invocationId !== '', instanceId: triggerMetadata.instanceId };
  },
});
df.app.orchestration('CallsOne', function* (context) {
  const { name, input } = context.df.getInput();
  return yield context.df.callActivity(name, input);
});
df.app.client.http('Client', {
  route: 'client/{what}/{id?}',
  handler: async (request, client, context) => {
    const body = await request.text();
    const input = body === '' ? undefined : JSON.parse(body);
    switch (request.params.what) {
      case 'start': {
        const id = await client.startNew(request.query.get('name'), { input });
        return client.createCheckStatusResponse(request, id);
      }
      case 'data': return { jsonBody: context.options.extraInputs.map((each) => context.extraInputs.get(each)) };
      case 'list': return { jsonBody: (await client.getStatusAll()).map(({ name }) => name) };
      case 'wait': return await client.waitForCompletionOrCreateCheckStatusResponse(
        request, await client.startNew('Hello'));
    }
  },
});
`;

const STREAMING = 'app.setup({ enableHttpStream: true });';

describe.skipIf(why !== undefined).each([
  ['HTTP streaming off', ''],
  ['HTTP streaming on', STREAMING],
])(`an app in the official worker, %s${why ? `: ${why}` : ''}`, (_name, setup) => {
  const apps = new WorkerApps();
  let host: FunctionsHost;
  const startOf = (name: string, input?: unknown) =>
    start(`${host.url}/api/client/start?name=${name}`, input);

  beforeAll(async () => {
    const code = V4_COMMONJS.replace('{ app }', '{ app, output }');
    const app = await apps.app({
      'package.json': { main: 'index.js' },
      'index.js': `require('durable-functions-extension/register');${code}${setup}${HOOKED}`,
    });
    host = await apps.start(app);
  });

  afterAll(() => apps.close());

  it('answers a client that waits in its function', async () => {
    const response = await post(`${host.url}/api/client/wait`);

    expect([response.status, await response.json()]).toEqual([200, GREETINGS]);
  });

  it('shows the dashboard beside the management API', async () => {
    const page = await host.fetch('api/durabletask/dashboard/');
    const [, script = ''] = /src="([^"]+\.js)"/.exec(await page.text()) ?? [];

    expect(page.headers.get('content-type')).toBe('text/html; charset=utf-8');
    const answer = await host.fetch(`api/durabletask/dashboard/${script}`);
    expect([answer.status, answer.headers.get('content-type')]).toEqual([
      200,
      'text/javascript; charset=utf-8',
    ]);
    const session = await host.fetch('api/durabletask/dashboard/session');
    expect(await session.json()).toMatchObject({ isReadOnly: false });
  });

  it('gives a client to functions that are no HTTP functions', async () => {
    await host.invoke('Tick', { json: '{"schedule":{},"isPastDue":false}' });

    const urls = {
      id: 'ticked',
      statusQueryGetUri: `${host.url}/api/durabletask/instances/ticked`,
    };
    expect(await ended(urls)).toMatchObject({ output: GREETINGS });
  });

  it('runs the hooks of the app around its activities', async () => {
    const input = { name: 'Hooked', input: 'activity' };

    expect(await ended(await startOf('CallsOne', input))).toMatchObject({
      output: 'hooked activity!',
    });
  });

  it('gives activities their context, their outputs, and lines in the log', async () => {
    const urls = await startOf('CallsOne', { name: 'Look', input: 'you' });

    expect(await ended(urls)).toMatchObject({
      output: { functionName: 'Look', hasId: true, instanceId: urls.id },
    });
    const queues = QueueServiceClient.fromConnectionString(azuriteConnectionString());
    const texts = await eventually(async () => {
      const { receivedMessageItems } = await queues.getQueueClient(QUEUE).receiveMessages();
      return receivedMessageItems[0]?.messageText;
    });
    expect(Buffer.from(texts, 'base64').toString()).toBe('saw you');
    const { level, message } = await host.logged('looked around');
    expect(level).toBe('Warning');
    expect(message).toMatch(
      new RegExp(`^\\[Look, instance ${urls.id}, invocation [0-9a-f-]+\\] looked around$`),
    );
    const kept = await host.fetch(`api/durabletask/instances/${urls.id}/logs`);
    expect(await kept.json()).toMatchObject({
      lines: expect.arrayContaining([
        expect.objectContaining({
          category: 'Function.Look.User',
          message: 'looked around',
        }) as unknown,
      ]) as unknown,
    });
  });

  it('lets only its own process use the port of its clients', async () => {
    const [data] = (await (await host.fetch('api/client/data')).json()) as { rpcBaseUrl: string }[];
    const rpc = new URL(data?.rpcBaseUrl ?? '');

    expect((await fetch(new URL('instances', rpc))).status).toBe(200);
    expect((await fetch(new URL('/durabletask/instances', rpc))).status).toBe(404);
    expect((await fetch(new URL('/wrong/durabletask/instances', rpc))).status).toBe(404);
  });
});
