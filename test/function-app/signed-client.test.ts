/** Links that the SDKs make from the durable client binding are signed: real apps of all generations, through the real models. */
import { describe, expect, it, onTestFinished } from 'vitest';
import { durableClientBinding } from '../../src/function-app/durable-client-input.ts';
import { loadFunctionApp } from '../../src/function-app/load-function-app.ts';
import { durableClientInput, type LinkTarget } from '../../src/http/management/management-urls.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { createHttpTriggerHandler } from '../../src/triggers/http-trigger.ts';
import { createScratchApp } from '../support/scratch-app.ts';

const ID = "it's $& 100%";

const CLASSIC = {
  'package.json': {},
  'F/function.json': {
    bindings: [
      { type: 'httpTrigger', direction: 'in', name: 'req', authLevel: 'anonymous' },
      { type: 'http', direction: 'out', name: 'res' },
      { type: 'durableClient', direction: 'in', name: 'starter' },
    ],
  },
  'F/index.js': `const df = require('durable-functions');
    module.exports = async (context, req) => {
      context.res = df.getClient(context).createCheckStatusResponse(req, ${JSON.stringify(ID)}); };`,
};

const MODERN = {
  'package.json': { main: 'index.js' },
  'index.js': `const { app } = require('@azure/functions'); const df = require('durable-functions');
    app.http('F', { extraInputs: [df.input.durableClient()], handler: (req, context) =>
      df.getClient(context).createCheckStatusResponse(req, ${JSON.stringify(ID)}) });`,
};

function sign({ operation, taskHub, connection, instanceId }: LinkTarget): string {
  return `sig=${encodeURIComponent([operation, taskHub, connection, instanceId].join('/'))}`;
}

async function payloadOf(files: Record<string, unknown>, sdk: string) {
  const scratch = await createScratchApp({
    files,
    packages: { '@azure/functions': '@azure/functions', 'durable-functions': sdk },
  });
  const binding = durableClientBinding({
    isLive: true,
    clientData: () =>
      durableClientInput({
        origin: 'http://localhost:7071',
        urls: { webhookPath: '/hook', taskHub: 'Hub', code: 'KEY', sign },
        rpcBaseUrl: 'http://127.0.0.1:1/',
      }),
    start: () => Promise.resolve(),
  });
  const app = await loadFunctionApp({
    scriptRoot: scratch.folder,
    environment: {},
    log: silentLogger,
    bindings: [binding],
    resolveSetting: (text) => text,
  });
  onTestFinished(async () => {
    await app.dispose();
    await scratch.remove();
  });
  const options = { app, routePrefix: 'api', customHeaders: {}, log: silentLogger };
  const request = new Request('https://gateway.example/api/F');
  const answer = await createHttpTriggerHandler(options).handle(request);
  return { answer, payload: (await answer?.json()) as Record<string, string> };
}

describe('the durable client of a host with signed links', () => {
  it.each([
    ['SDK 1.5.4', CLASSIC, 'durable-functions-v1'],
    ['SDK 2.1.3', CLASSIC, 'durable-functions-v2'],
    ['SDK 3.5.0', MODERN, 'durable-functions'],
  ])('of %s gives links that open one operation each', async (_, files, sdk) => {
    process.env['WEBSITE_HOSTNAME'] ??= 'localhost:7071';

    const { answer, payload } = await payloadOf(files, sdk);

    const sig = (operation: string) => encodeURIComponent(`${operation}/Hub/Storage/${ID}`);
    const base = `https://gateway.example/hook/instances/${ID}`;
    const hub = 'taskHub=Hub&connection=Storage';
    expect(answer?.status).toBe(202);
    expect(payload).toEqual({
      id: ID,
      statusQueryGetUri: `${base}?${hub}&sig=${sig('getStatus')}`,
      sendEventPostUri: `${base}/raiseEvent/{eventName}?${hub}&sig=${sig('raiseEvent')}`,
      terminatePostUri: `${base}/terminate?reason={text}&${hub}&sig=${sig('terminate')}`,
      rewindPostUri: `${base}/rewind?reason={text}&${hub}&sig=${sig('rewind')}`,
      purgeHistoryDeleteUri: `${base}?${hub}&sig=${sig('purge')}`,
      restartPostUri: `${base}/restart?${hub}&sig=${sig('restart')}`,
      suspendPostUri: `${base}/suspend?reason={text}&${hub}&sig=${sig('suspend')}`,
      resumePostUri: `${base}/resume?reason={text}&${hub}&sig=${sig('resume')}`,
    });
    expect(answer?.headers.get('location')).toBe(payload['statusQueryGetUri']);
  });
});
