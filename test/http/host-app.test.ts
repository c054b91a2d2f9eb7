import { describe, expect, it } from 'vitest';
import { createAdminApp } from '../../src/http/admin/admin-app.ts';
import type { AdminFunction } from '../../src/http/admin/functions.ts';
import { createHostApp, type HostAppOptions } from '../../src/http/host-app.ts';
import type { LogRecord } from '../../src/telemetry/log.ts';
import { managementApp, memoryHub, putInstance } from './recorded-hub.ts';

const FUNCTIONS: readonly AdminFunction[] = [
  {
    name: 'HttpStart',
    triggerType: 'httpTrigger',
    isDisabled: false,
    config: { bindings: [{ type: 'httpTrigger', name: 'req' }] },
    invokeUrlTemplate: 'http://localhost:7071/api/start',
  },
  { name: 'Hello', triggerType: 'orchestrationTrigger', isDisabled: false, config: {} },
  { name: 'Counter', triggerType: 'entityTrigger', isDisabled: false, config: {} },
  {
    name: 'Broken',
    triggerType: 'queueTrigger',
    isDisabled: true,
    config: {},
    errors: ["'%Q%' does not resolve to a value."],
  },
];

const JSON_TYPE = { 'content-type': 'application/json' };

function hostApp({
  bodyLimitBytes,
  ...options
}: Partial<HostAppOptions> & { readonly bodyLimitBytes?: number } = {}) {
  const records: LogRecord[] = [];
  const runs: [string, string][] = [];
  const log = { write: (record: LogRecord) => records.push(record) };
  const { client, store } = memoryHub();
  const management = managementApp(client);
  const old = managementApp(client, { basePath: '/admin/extensions/DurableTaskExtension' });
  const status = {
    id: 'host-1',
    state: 'Running',
    version: '4.0.0',
    versionDetails: '4.0.0',
    instanceId: 'i',
    health: { status: 'ok' },
    computerName: 'c',
    processUptimeMs: 12.5,
    errors: [],
  } as const;
  const admin = createAdminApp({
    host: { status: () => status },
    functions: {
      list: () => FUNCTIONS,
      run: (name, input) => runs.push([name, input]) > 0,
    },
    bodyLimitBytes,
    log,
  });
  const app = createHostApp({
    webhooks: [
      { basePath: '/runtime/webhooks/durabletask', app: management },
      { basePath: '/admin/extensions/DurableTaskExtension', app: old },
    ],
    admin,
    fallback: ({ url }) =>
      Promise.resolve(url.endsWith('/api/hello') ? new Response('hello') : undefined),
    log,
    ...options,
  });
  const request = async (path: string, init?: RequestInit) =>
    await app.fetch(new Request(`http://localhost:7071${path}`, init));
  return { request, store, records, runs };
}

async function json(response: Response): Promise<unknown> {
  return JSON.parse(await response.text()) as unknown;
}

describe('the public port', () => {
  it('serves the management API, also where 1.x apps look for it', async () => {
    const { request, store } = hostApp();
    putInstance(store, 'x', 'Running');

    expect((await request('/runtime/webhooks/durabletask/instances/x')).status).toBe(202);
    expect((await request('/RUNTIME/webhooks/DurableTask/instances/x')).status).toBe(202);
    expect((await request('/admin/extensions/durabletaskextension/instances/x')).status).toBe(202);
  });

  it('serves the functions of the app, and 404 without body for the rest', async () => {
    const { request } = hostApp();

    expect(await (await request('/api/hello')).text()).toBe('hello');
    const missing = await request('/api/nothing');
    expect([missing.status, await missing.text()]).toEqual([404, '']);
  });

  it.each(['/admin', '/admin/nothing', '/runtime/webhooks/other/x', '/Runtime/Webhooks'])(
    'keeps %s from the functions',
    async (path) => {
      const { request } = hostApp({ fallback: () => Promise.resolve(new Response('function')) });

      expect((await request(path)).status).toBe(404);
    },
  );

  it('takes only whole segments for its own', async () => {
    const { request } = hostApp({ fallback: () => Promise.resolve(new Response('function')) });

    expect(await (await request('/administration')).text()).toBe('function');
  });

  it('shows a home page, unless that is turned off', async () => {
    const page = await hostApp().request('/');
    expect([page.status, page.headers.get('content-type')]).toEqual([
      200,
      'text/html; charset=utf-8',
    ]);
    expect(await page.text()).toContain('up and running');

    expect((await hostApp({ hasHomePage: false }).request('/')).status).toBe(204);
  });

  it('survives a handler that throws', async () => {
    const { request, records } = hostApp({ fallback: () => Promise.reject(new Error('oops')) });

    const answer = await request('/api/hello?code=SECRET');

    expect([answer.status, await answer.text()]).toEqual([500, '']);
    expect(records.map(({ message }) => message)).toEqual(['GET /api/hello failed: oops']);
  });
});

describe('the admin API', () => {
  it('tells the state of the host', async () => {
    expect(await json(await hostApp().request('/Admin/Host/Status'))).toEqual({
      id: 'host-1',
      state: 'Running',
      version: '4.0.0',
      versionDetails: '4.0.0',
      platformVersion: '',
      instanceId: 'i',
      computerName: 'c',
      processUptime: 13,
      functionAppContentEditingState: 'NotAllowed',
      errors: null,
      health: { status: 'ok' },
    });
  });

  it.each(['GET', 'POST'])('answers a %s ping', async (method) => {
    const answer = await hostApp().request('/admin/host/ping', { method });

    expect([answer.status, await answer.text()]).toEqual([200, '']);
  });

  it('lists the functions', async () => {
    const all = (await json(await hostApp().request('/admin/functions/'))) as object[];

    expect(all).toHaveLength(4);
    expect(all[0]).toMatchObject({
      name: 'HttpStart',
      href: 'http://localhost:7071/admin/functions/HttpStart',
      invoke_url_template: 'http://localhost:7071/api/start',
      language: 'node',
      config: { bindings: [{ type: 'httpTrigger', name: 'req' }] },
      isDisabled: false,
    });
  });

  it('shows one function, by its name in any case', async () => {
    const { request } = hostApp();

    expect(await json(await request('/admin/functions/hello'))).toMatchObject({ name: 'Hello' });
    expect((await request('/admin/functions/nope')).status).toBe(404);
  });

  it('tells what is wrong with a function', async () => {
    const { request } = hostApp();

    expect(await json(await request('/admin/functions/Hello/status'))).toEqual({ errors: null });
    expect(await json(await request('/admin/functions/Broken/status'))).toEqual({
      errors: ["'%Q%' does not resolve to a value."],
    });
    expect((await request('/admin/functions/nope/status')).status).toBe(404);
  });

  it.each([
    ['{"input":"text"}', 'text'],
    ['{"Input":""}', ''],
    ['{}', ''],
  ])('runs a function with %s', async (body, input) => {
    const { request, runs } = hostApp();

    const answer = await request('/admin/functions/httpstart', {
      method: 'POST',
      headers: JSON_TYPE,
      body,
    });

    expect([answer.status, await answer.text()]).toEqual([202, '']);
    expect(runs).toEqual([['HttpStart', input]]);
  });

  it.each(['', 'null', '[]', '{oops', '{"input":5}'])('refuses the body %j', async (body) => {
    const { request, runs } = hostApp();

    const answer = await request('/admin/functions/HttpStart', {
      method: 'POST',
      headers: JSON_TYPE,
      body,
    });

    expect(answer.status).toBe(400);
    expect(await json(answer)).toEqual({
      Message: expect.stringContaining('{"input":"text"}') as string,
    });
    expect(runs).toEqual([]);
  });

  it.each([
    ['Hello', /^Hello: Durable orchestrator functions do not support direct invocation\. Start an/],
    ['Counter', /^Counter: Durable entity functions do not support direct invocation\. Signal an/],
  ])('accepts a run of %s, and logs that it cannot be', async (name, message) => {
    const { request, runs, records } = hostApp();

    const answer = await request(`/admin/functions/${name}`, {
      method: 'POST',
      headers: JSON_TYPE,
      body: '{}',
    });

    expect([answer.status, runs]).toEqual([202, []]);
    expect(records[0]).toMatchObject({ level: 'error', category: `Function.${name}` });
    expect(records[0]?.message).toMatch(message);
  });

  it.each([undefined, '', 'text/plain', 'application/x-www-form-urlencoded', 'text/plain;json'])(
    'does not take a body of the type %j, which any web page may send',
    async (type) => {
      const { request, runs } = hostApp();

      const answer = await request('/admin/functions/HttpStart', {
        method: 'POST',
        ...(type !== undefined && { headers: { 'content-type': type } }),
        body: '{"input":"x"}',
      });

      expect([answer.status, runs]).toEqual([415, []]);
    },
  );

  it.each(['application/json; charset=utf-8', 'TEXT/JSON', 'application/problem+json'])(
    'takes a body of the type %j',
    async (type) => {
      const { request, runs } = hostApp();
      const headers = { 'content-type': type };
      const init = { method: 'POST', headers, body: '{}' };

      expect((await request('/admin/functions/HttpStart', init)).status).toBe(202);
      expect(runs).toHaveLength(1);
    },
  );

  it('does not take a body without end', async () => {
    const { request, runs } = hostApp({ bodyLimitBytes: 100 });
    const body = JSON.stringify({ input: 'x'.repeat(100) });

    const answer = await request('/admin/functions/HttpStart', {
      method: 'POST',
      headers: JSON_TYPE,
      body,
    });

    expect([answer.status, runs]).toEqual([413, []]);
  });

  it('does not run what is not there', async () => {
    const answer = await hostApp().request('/admin/functions/nope', {
      method: 'POST',
      headers: JSON_TYPE,
      body: '{}',
    });

    expect(answer.status).toBe(404);
  });
});
