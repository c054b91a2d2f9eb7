/** Apps for the official worker: the same functions in both programming models, loaded in the ways that an app may choose. */
import { azuriteConnectionString, freshHubName } from '../azurite.ts';
import { createScratchApp, type ScratchApp } from '../scratch-app.ts';
import { AT_BARRIER } from './barrier.ts';
import { FunctionsHost, type FunctionsHostOptions } from './functions-host.ts';

/** `df` and `app` are there. */
export const V4_DURABLE = `${AT_BARRIER}
df.app.orchestration('Hello', function* (context) {
  const greetings = [];
  for (const city of ['Tokyo', 'Seattle', 'London']) {
    greetings.push(yield context.df.callActivity('SayHello', city));
  }
  return greetings;
});
df.app.activity('SayHello', { handler: (city) => \`Hello \${city}!\` });
df.app.orchestration('Parent', function* (context) {
  return yield context.df.callSubOrchestrator('Hello');
});
df.app.orchestration('Approval', function* (context) {
  context.df.setCustomStatus('waiting');
  const answer = yield context.df.waitForExternalEvent('answer');
  const counter = new df.EntityId('Counter', context.df.instanceId);
  yield context.df.callEntity(counter, 'add', 2);
  return [answer, yield context.df.callEntity(counter, 'add', 3)];
});
df.app.entity('Counter', (context) => {
  context.df.setState(context.df.getState(() => 0) + context.df.getInput());
  context.df.return(context.df.getState());
});
df.app.activity('AtBarrier', { handler: atBarrier });
df.app.orchestration('Barrier', function* (context) {
  const before = yield context.df.callActivity('SayHello', 'Tokyo');
  const passed = yield context.df.callActivity('AtBarrier', 'Seattle');
  return [before, passed, yield context.df.callActivity('SayHello', 'London')];
});
df.app.orchestration('Nap', function* (context) {
  const fireAt = context.df.currentUtcDateTime.getTime() + context.df.getInput();
  context.df.setCustomStatus('waiting');
  yield context.df.createTimer(new Date(fireAt));
  return context.df.currentUtcDateTime.getTime() >= fireAt;
});
`;

/** `df` and `app` are there. */
export const V4_OTHERS = `
app.http('HttpStart', {
  route: 'orchestrators/{name}',
  methods: ['POST'],
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const body = await request.text();
    const input = body === '' ? undefined : JSON.parse(body);
    const id = await client.startNew(request.params.name, { input });
    return client.createCheckStatusResponse(request, id);
  },
});
app.http('Ping', { handler: () => ({ body: 'pong' }) });
app.timer('Tick', {
  schedule: '0 0 * * * *',
  extraInputs: [df.input.durableClient()],
  handler: async (_timer, context) => {
    await df.getClient(context).startNew('Hello', { instanceId: 'ticked' });
  },
});
`;

export const V4_REQUIRES = `
const { app } = require('@azure/functions');
const df = require('durable-functions');
`;
export const V4_IMPORTS = `
import { app } from '@azure/functions';
import * as df from 'durable-functions';
`;
export const V4_COMMONJS = V4_REQUIRES + V4_DURABLE + V4_OTHERS;
export const V4_MODULE = V4_IMPORTS + V4_DURABLE + V4_OTHERS;

export const GREETINGS = ['Hello Tokyo!', 'Hello Seattle!', 'Hello London!'];

const V4_PACKAGES = {
  '@azure/functions': '@azure/functions',
  'durable-functions': 'durable-functions',
  'durable-functions-extension': '..',
};

/** A test's own apps and hosts; `close` ends and removes them all. */
export class WorkerApps {
  readonly #cleanUps: (() => Promise<unknown>)[] = [];

  /** @param packages @default those of the new programming model */
  async app(
    files: Readonly<Record<string, unknown>>,
    packages: Readonly<Record<string, string>> = V4_PACKAGES,
  ): Promise<ScratchApp> {
    const app = await createScratchApp({ files, packages });
    this.#cleanUps.push(() => app.remove());
    return app;
  }

  /** Of a folder, without its packages, which are those of the new programming model. */
  async copy(folder: string): Promise<ScratchApp> {
    const app = await createScratchApp({ copyOf: folder, packages: V4_PACKAGES });
    this.#cleanUps.push(() => app.remove());
    return app;
  }

  /** On a hub that nobody else has, unless `env` names one. */
  async start(
    app: ScratchApp,
    options: Omit<FunctionsHostOptions, 'appFolder'> = {},
  ): Promise<FunctionsHost> {
    const host = await FunctionsHost.start({
      appFolder: app.folder,
      ...options,
      env: { ...hubSettings(), ...options.env },
    });
    this.#cleanUps.push(() => host.kill());
    return host;
  }

  async close(): Promise<void> {
    for (const cleanUp of this.#cleanUps.splice(0).reverse()) await cleanUp();
  }
}

/** App settings: the shared Azurite, and a hub. */
export function hubSettings(hubName = freshHubName()): Readonly<Record<string, string>> {
  return {
    AzureWebJobsStorage: azuriteConnectionString(),
    AzureFunctionsJobHost__extensions__durableTask__hubName: hubName,
  };
}
