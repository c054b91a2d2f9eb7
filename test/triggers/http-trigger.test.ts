import { describe, expect, it } from 'vitest';
import {
  type HttpTriggerOptions,
  createHttpTriggerHandler,
} from '../../src/triggers/http-trigger.ts';
import {
  type RecordedApp,
  appOf,
  failed,
  functionOf,
  recordingLog,
  succeeded,
} from './app-values.ts';

const text = (body: string) => succeeded({ http: { statusCode: '200', body: { string: body } } });

function handlerOf(app: RecordedApp, options: Partial<HttpTriggerOptions> = {}) {
  const log = recordingLog();
  const handler = createHttpTriggerHandler({
    app,
    routePrefix: 'api',
    customHeaders: {},
    log,
    ...options,
  });
  const ask = (path: string, init?: RequestInit) =>
    handler.handle(new Request(`http://localhost:7071${path}`, init));
  return { ...handler, ask, log };
}

const hello = functionOf('Hello', 'http', { route: 'hello/{name?}', methods: ['get', 'post'] });

describe('a request', () => {
  it('reaches its function with parameters, body and metadata', async () => {
    const app = appOf([hello], () => text('hi'));
    const { ask } = handlerOf(app);

    const response = await ask('/api/hello/Ann?x=1', { method: 'POST', body: '{"age":7}' });

    expect(await response?.text()).toBe('hi');
    expect(app.requests[0]?.triggerData.http).toMatchObject({
      method: 'POST',
      url: 'http://localhost:7071/api/hello/Ann?x=1',
      nullableParams: { name: { value: 'Ann' } },
    });
    expect(app.requests[0]?.triggerMetadata).toMatchObject({
      name: { string: 'Ann' },
      x: { string: '1' },
      age: { string: '7' },
    });
  });

  it('without a function is left to the host', async () => {
    const { ask } = handlerOf(appOf([hello]));

    expect(await ask('/api/other')).toBeUndefined();
    expect(await ask('/hello')).toBeUndefined();
    expect(await ask('/api/hello', { method: 'DELETE' })).toBeUndefined();
  });

  it('whose path keeps a regular expression busy is given up, and the log says which', async () => {
    const slow = functionOf('Slow', 'http', { route: 'slow/{id:regex(^(a+)+$)}' });
    const { ask, log } = handlerOf(appOf([slow], () => text('hi')));

    expect((await ask(`/api/slow/${'a'.repeat(40)}!`))?.status).toBe(500);
    expect(log.records[0]?.message).toContain('/^(a+)+$/i needs more than');
    expect((await ask('/api/slow/aaa'))?.status).toBe(200);
  });

  it('to a disabled function is not found, and the function not listed', async () => {
    const app = appOf([{ ...hello, isDisabled: true }]);
    const { ask, endpoints } = handlerOf(app);

    expect((await ask('/api/hello'))?.status).toBe(404);
    expect(app.requests).toEqual([]);
    expect(endpoints).toEqual([]);
  });

  it('with a body beyond the limit is refused', async () => {
    const app = appOf([hello]);
    const { ask } = handlerOf(app, { maxRequestBodyBytes: 3 });

    expect((await ask('/api/hello', { method: 'POST', body: 'abcd' }))?.status).toBe(413);
    expect(app.requests).toEqual([]);
  });

  it('continues the trace of its caller', async () => {
    const app = appOf([hello]);
    const { ask } = handlerOf(app);
    const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';

    await ask('/api/hello', { headers: { traceparent, tracestate: 'a=b' } });
    await ask('/api/hello', { headers: { traceparent: 'nonsense' } });

    expect(app.requests.map(({ traceContext }) => traceContext)).toEqual([
      { traceParent: traceparent, traceState: 'a=b', attributes: {} },
      undefined,
    ]);
  });
});

describe('the answer', () => {
  it('of a function that fails is an empty 500, and the log says why', async () => {
    const { ask, log } = handlerOf(appOf([hello], () => failed('boom')));

    const response = await ask('/api/hello');

    expect([response?.status, await response?.text()]).toEqual([500, '']);
    expect(log.messages().at(-1)).toContain('Exception: boom');
  });

  it('that HTTP has no form for is a 500 with a line in the log', async () => {
    const { ask, log } = handlerOf(appOf([hello], () => succeeded({ http: { statusCode: '99' } })));

    expect((await ask('/api/hello'))?.status).toBe(500);
    expect(log.messages().at(-1)).toContain('The status 99 cannot be sent');
  });

  it('to HEAD has headers and no body', async () => {
    const { ask } = handlerOf(appOf([functionOf('Any', 'http')], () => text('hi')));

    const response = await ask('/api/any', { method: 'HEAD' });

    expect([response?.status, response?.body]).toEqual([200, null]);
    expect(response?.headers.get('content-type')).toBe('text/plain; charset=utf-8');
  });

  it('carries the custom headers of host.json, unless the function set them', async () => {
    const http = { headers: { 'x-a': 'function' }, body: { string: '' } };
    const { ask } = handlerOf(
      appOf([hello], () => succeeded({ http })),
      {
        customHeaders: { 'X-A': 'host', 'X-Content-Type-Options': 'nosniff' },
      },
    );

    const headers = (await ask('/api/hello'))?.headers;

    expect([headers?.get('x-a'), headers?.get('x-content-type-options')]).toEqual([
      'function',
      'nosniff',
    ]);
  });
});

describe('the list of endpoints', () => {
  it('shows route and methods', () => {
    const { endpoints, problems } = handlerOf(
      appOf([hello, functionOf('All', 'http'), functionOf('Bad', 'http', { route: 'admin' })]),
    );

    expect(endpoints).toEqual([
      { functionName: 'All', methods: [], path: '/api/All' },
      { functionName: 'Hello', methods: ['GET', 'POST'], path: '/api/hello/{name?}' },
    ]);
    expect(problems.map(({ functionName }) => functionName)).toEqual(['Bad']);
  });

  it('shows routes without a prefix', () => {
    const { endpoints } = handlerOf(appOf([functionOf('A', 'http', { route: '/x' })]), {
      routePrefix: '',
    });

    expect(endpoints[0]?.path).toBe('/x');
  });
});
