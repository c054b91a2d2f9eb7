/** callHttp from end to end: the unmodified SDKs, the engine, storage in memory, and a server of the test's own. */
import { randomUUID } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { TaskHubClient } from '../../../src/engine/task-hub-client.ts';
import { createTaskHubWorker, type TaskHubWorker } from '../../../src/engine/task-hub-worker.ts';
import { createAppInvoker } from '../../../src/function-app/app-invoker.ts';
import { withHttpActivity } from '../../../src/function-app/durable-http/with-http-activity.ts';
import type { FunctionApp } from '../../../src/function-app/function-app.ts';
import { loadFunctionApp } from '../../../src/function-app/load-function-app.ts';
import { createMemoryBackend } from '../../../src/memory/memory-backend.ts';
import { silentLogger } from '../../../src/telemetry/log.ts';
import { createScratchApp, type ScratchApp } from '../../support/scratch-app.ts';
import { type HttpPeer, startPeer, status } from './http-peer.ts';

const CALLER = `function* (context) {
  const { method = 'GET', url, body, headers, poll, token } = context.df.getInput();
  const tokenSource = token && new df.ManagedIdentityTokenSource(token);
  try {
    const answer = yield CALL;
    const { statusCode, content } = answer;
    const after = yield context.df.callHttp(AFTER);
    return { statusCode, content, retryAfter: answer.headers['Retry-After'], after: after.content };
  } catch (error) {
    return { caught: error.message };
  }
}`;

const V4 = CALLER.replace(
  'CALL',
  'context.df.callHttp({ method, url, body, headers, tokenSource, enablePolling: poll })',
).replace('AFTER', `{ method: 'GET', url: new URL('/after', url).href }`);
const CLASSIC = CALLER.replace(
  'CALL',
  'context.df.callHttp(method, url, body, headers, tokenSource, poll)',
).replace('AFTER', `'GET', new URL('/after', url).href`);

const classic = (sdk: string) => ({
  packages: { 'durable-functions': sdk },
  files: {
    'package.json': {},
    'Caller/function.json': {
      bindings: [{ name: 'context', type: 'orchestrationTrigger', direction: 'in' }],
    },
    'Caller/index.js': `const df = require('durable-functions');
module.exports = df.orchestrator(${CLASSIC});`,
  },
});

const APPS = {
  '3.5.0': {
    packages: {
      'durable-functions': 'durable-functions',
      '@azure/functions': '@azure/functions',
    },
    files: {
      'package.json': { main: 'index.js' },
      'index.js': `const df = require('durable-functions');
df.app.orchestration('Caller', ${V4});`,
    },
  },
  '2.1.3': classic('durable-functions-v2'),
  '1.5.4': classic('durable-functions-v1'),
} as const;

const PAUSE_MS = 40;

let peer: HttpPeer;
let other: HttpPeer;
let accepted: number;
const started: { app: FunctionApp; worker: TaskHubWorker; scratch: ScratchApp }[] = [];

beforeEach(async () => {
  accepted = 0;
  other = await startPeer();
  const counted = (location: () => string, headers: Record<string, string>) => {
    return (...[response]: Parameters<ReturnType<typeof status>>) => {
      accepted += 1;
      if (accepted > 2) response.end('done');
      else response.writeHead(202, { Location: location(), ...headers }).end('wait');
    };
  };
  peer = await startPeer({
    '/job': counted(() => '/job?id=1', { 'Retry-After': '0' }),
    '/unhurried': counted(() => `${peer.origin}/unhurried`, {}),
    '/to-other': status(202, { Location: `${other.origin}/poll`, 'Retry-After': '0' }),
    '/no-location': status(202, {}, 'accepted'),
    '/gone-later': status(202, { Location: '/404', 'Retry-After': '0' }),
    '/redirect': status(307, { Location: `${other.origin}/there` }),
    '/404': status(404, {}, 'not here'),
    '/silent': () => undefined,
  });
});

afterEach(async () => {
  for (const { worker, app, scratch } of started.splice(0)) {
    await worker.stop();
    await app.dispose();
    await scratch.remove();
  }
  await peer.close();
  await other.close();
});

/** Runs the orchestrator `Caller` to its end, and gives its output. */
async function runCaller(sdk: keyof typeof APPS, input: object): Promise<unknown> {
  const scratch = await createScratchApp(APPS[sdk]);
  const app = await loadFunctionApp({
    scriptRoot: scratch.folder,
    environment: {},
    log: silentLogger,
    bindings: [],
    resolveSetting: (text) => text,
  });
  const settings = {
    defaultHttpAsyncRequestSleepTimeMs: PAUSE_MS,
  };
  const invoker = withHttpActivity(createAppInvoker({ app, settings }), {
    log: silentLogger,
    tokens: ({ scope }) => Promise.resolve(`token-of-${scope}`),
    defaultTimeoutMs: 500,
  });
  const backend = createMemoryBackend({});
  const ambient = { now: Date.now, newId: () => randomUUID().replaceAll('-', '') };
  const worker = createTaskHubWorker({
    backend,
    invoker,
    ambient,
    log: silentLogger,
    settings: {
      taskHub: 'Http',
      maxConcurrentActivities: 5,
      maxConcurrentOrchestrations: 5,
      defaultHttpPauseMs: PAUSE_MS,
    },
  });
  started.push({ app, worker, scratch });
  await worker.start();
  const client = new TaskHubClient({ backend, ambient, log: silentLogger, taskHub: 'Http' });
  const id = await client.start({ name: 'Caller', input: JSON.stringify(input) });
  const record = await client.waitForTerminal(id, { timeoutMs: 10_000, intervalMs: 10 });
  expect(record?.runtimeStatus).toBe('Completed');
  return JSON.parse(record?.output ?? 'null');
}

const urls = () => peer.requests.map(({ method, url }) => `${method} ${url}`);

describe.each(['3.5.0', '2.1.3', '1.5.4'] as const)('callHttp of durable-functions %s', (sdk) => {
  it('gives the answer of a synchronous peer', async () => {
    const headers = { 'X-Own': '1' };
    const input = { method: 'POST', url: `${peer.origin}/sync`, body: { a: 1 }, headers };

    expect(await runCaller(sdk, input)).toEqual({ statusCode: 200, content: 'ok', after: 'ok' });
    expect(peer.requests[0]).toMatchObject({
      method: 'POST',
      body: '{"a":1}',
      headers: { 'x-own': '1', 'content-type': 'text/plain' },
    });
  });

  it.each([0, 5, false, true])('sends the body %j as text', async (body) => {
    await runCaller(sdk, { method: 'POST', url: `${peer.origin}/here`, body });

    expect(peer.requests[0]).toMatchObject({ url: '/here', body: String(body) });
  });

  it('gives an error status as an answer', async () => {
    const output = await runCaller(sdk, { url: `${peer.origin}/404` });

    expect(output).toMatchObject({ statusCode: 404, content: 'not here', after: 'ok' });
  });

  it('throws what the orchestrator can catch when no answer comes in time', async () => {
    const output = await runCaller(sdk, { url: `${peer.origin}/silent` });

    expect(output).toEqual({
      caught: expect.stringContaining(
        'The request was canceled due to the configured HttpClient.Timeout of 0.5 seconds elapsing.',
      ) as string,
    });
  });

  it('throws what the orchestrator can catch when the address is none', async () => {
    const output = await runCaller(sdk, { url: 'ftp://x.test/' });

    expect(output).toEqual({ caught: expect.stringContaining('neither http nor https') as string });
  });

  it('follows a redirect to another origin without credentials', async () => {
    const headers = { Authorization: 'Bearer secret', 'X-Own': '1' };
    const output = await runCaller(sdk, { url: `${peer.origin}/redirect`, headers });

    expect(output).toMatchObject({ statusCode: 200 });
    expect(other.requests[0]).toMatchObject({ url: '/there', headers: { 'x-own': '1' } });
    expect(other.requests[0]?.headers).not.toHaveProperty('authorization');
  });

  it('sends the token of a managed identity', async () => {
    const token = 'https://graph.microsoft.com';
    await runCaller(sdk, { url: `${peer.origin}/sync`, token });

    expect(peer.requests[0]?.headers.authorization).toBe(
      'Bearer token-of-https://graph.microsoft.com/.default',
    );
  });

  it('gives a 202 without a Location as the answer', async () => {
    const output = await runCaller(sdk, { url: `${peer.origin}/no-location` });

    expect(output).toMatchObject({ statusCode: 202, content: 'accepted', after: 'ok' });
  });
});

describe.each(['3.5.0', '2.1.3'] as const)('polling of durable-functions %s', (sdk) => {
  it('goes on at the Location as long as the answer is 202', async () => {
    const headers = { Authorization: 'Bearer mine', 'x-functions-key': 'k' };
    const output = await runCaller(sdk, {
      method: 'POST',
      url: `${peer.origin}/job`,
      body: 'x',
      headers,
    });

    expect(output).toMatchObject({ statusCode: 200, content: 'done', after: 'ok' });
    expect(urls()).toEqual(['POST /job', 'GET /job?id=1', 'GET /job?id=1', 'GET /after']);
    expect(peer.requests[1]).toMatchObject({ body: '', headers: { authorization: 'Bearer mine' } });
    expect(peer.requests[1]?.headers).not.toHaveProperty('x-functions-key');
  });

  it('pauses for the time of the host when the answer names none', async () => {
    const startedMs = performance.now();
    const output = await runCaller(sdk, { url: `${peer.origin}/unhurried` });

    expect(output).toMatchObject({ statusCode: 200, content: 'done', after: 'ok' });
    expect(performance.now() - startedMs).toBeGreaterThan(2 * PAUSE_MS);
  });

  it('takes no credentials to another origin', async () => {
    const headers = { Authorization: 'Bearer secret', 'x-api-key': 'k', 'X-Own': '1' };
    await runCaller(sdk, { url: `${peer.origin}/to-other`, headers });

    expect(other.requests[0]).toMatchObject({ url: '/poll', headers: { 'x-own': '1' } });
    expect(other.requests[0]?.headers).not.toHaveProperty('authorization');
    expect(other.requests[0]?.headers).not.toHaveProperty('x-api-key');
  });

  it('ends at the first status that is an error', async () => {
    const output = await runCaller(sdk, { url: `${peer.origin}/gone-later` });

    expect(output).toMatchObject({ statusCode: 404, after: 'ok' });
  });

  it('can be turned off', async () => {
    const output = await runCaller(sdk, { url: `${peer.origin}/job`, poll: false });

    expect(output).toMatchObject({ statusCode: 202, content: 'wait', retryAfter: '0' });
    expect(urls()).toEqual(['GET /job', 'GET /after']);
  });
});

describe('polling of durable-functions 1.5.4', () => {
  it('does not exist: a 202 is the answer', async () => {
    const output = await runCaller('1.5.4', { url: `${peer.origin}/job` });

    expect(output).toMatchObject({ statusCode: 202, content: 'wait', after: 'ok' });
    expect(urls()).toEqual(['GET /job', 'GET /after']);
  });
});
