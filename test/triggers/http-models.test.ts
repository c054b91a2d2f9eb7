/** Requests and answers through the real programming models, v4 and v3. */
import { describe, expect, it } from 'vitest';
import { loadApp, v3App, v4App } from './loaded-app.ts';

async function ask(files: Record<string, unknown>, path = '/api/f', init?: RequestInit) {
  const { ask: send, log } = await loadApp(files);
  const response = await send(path, init);
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    cookies: response.headers.getSetCookie(),
    body: await response.text(),
    log,
  };
}

describe('v4 functions', () => {
  it('see the request', async () => {
    const app = v4App(`return { jsonBody: {
      method: request.method, url: request.url, id: request.params.id, x: request.query.get('x'),
      type: request.headers.get('content-type'), body: await request.json() } }`);

    const { status, type, body } = await ask(app, '/api/F/a%20b?x=1', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: '{"n":1}',
    });

    expect([status, type]).toEqual([200, 'application/json']);
    expect(JSON.parse(body)).toEqual({
      method: 'POST',
      url: 'http://localhost:7071/api/F/a%20b?x=1',
      id: 'a b',
      x: '1',
      type: 'application/json',
      body: { n: 1 },
    });
  });

  it('see a chunked body of bytes', async () => {
    const app = v4App(`return { body: String((await request.arrayBuffer()).byteLength) }`);
    const body = new Blob([new Uint8Array([0, 255]), new Uint8Array(3)]).stream();

    expect((await ask(app, '/api/f', { method: 'POST', body, duplex: 'half' })).body).toBe('5');
  });

  it.each([
    [`return { body: 'hi' }`, 200, 'text/plain;charset=UTF-8', 'hi'],
    [`return { status: 201, jsonBody: [1] }`, 201, 'application/json', '[1]'],
    [`return { body: new Uint8Array([72, 105]) }`, 200, null, 'Hi'],
    [`return { status: 204, headers: { 'content-type': 'text/css' } }`, 204, 'text/css', ''],
    [
      `return new (require('@azure/functions').HttpResponse)({ status: 404, body: 'no' })`,
      404,
      'text/plain;charset=UTF-8',
      'no',
    ],
    [`return {}`, 200, null, ''],
    [`return`, 204, null, ''],
    [`return 'text'`, 500, null, ''],
    [`throw new Error('boom')`, 500, null, ''],
  ])('%s → %d', async (handler, status, type, body) => {
    expect(await ask(v4App(handler))).toMatchObject({ status, type, body });
  });

  it('set cookies', async () => {
    const app = v4App(`return { cookies: [
      { name: 'a', value: '1', sameSite: 'None', secure: true, httpOnly: true, maxAge: 60, path: '/x' },
      { name: 'b', value: 'ü', expires: new Date('2027-01-01'), domain: 'x.test', sameSite: 'Lax' }] }`);

    expect((await ask(app)).cookies).toEqual([
      'a=1; max-age=60; path=/x; secure; samesite=none; httponly',
      'b=%C3%BC; expires=Fri, 01 Jan 2027 00:00:00 GMT; domain=x.test; path=/; samesite=lax',
    ]);
  });
});

describe('v3 functions', () => {
  it('see the request and the binding data', async () => {
    const app = v3App(`context.res = { body: {
      method: req.method, url: req.url, params: req.params, query: req.query, body: req.body, raw: req.rawBody,
      header: req.headers['x-a'],
      data: [context.bindingData.x, context.bindingData.n, context.bindingData.id, context.bindingData.query.x, context.bindingData.headers['x-a'], context.bindingData.sys.methodName] } }`);

    const { body } = await ask(app, '/api/f/7?x=1', {
      method: 'POST',
      headers: { 'x-a': 'b' },
      body: '{"n":2}',
    });

    expect(JSON.parse(body)).toEqual({
      method: 'POST',
      url: 'http://localhost:7071/api/f/7?x=1',
      params: { id: '7' },
      query: { x: '1' },
      body: { n: 2 },
      raw: '{"n":2}',
      header: 'b',
      data: [1, 2, 7, '1', 'b', 'F'],
    });
  });

  const plain = 'text/plain; charset=utf-8';
  it.each([
    [`context.res = { status: 202, body: 'hi' }`, 202, plain, 'hi'],
    [`context.res = { statusCode: 202, body: { a: 1 } }`, 202, plain, '{\n  "a": 1\n}'],
    [
      `context.res = { body: '{}', headers: { 'Content-Type': 'application/json' } }`,
      200,
      'application/json; charset=utf-8',
      '{}',
    ],
    [`context.res = { body: Buffer.from('Hi'), isRaw: true }`, 200, null, 'Hi'],
    [
      `context.res.status(201).set('x-a', 'b').json({ a: 1 })`,
      201,
      'application/json; charset=utf-8',
      '{\n  "a": 1\n}',
    ],
    [`context.bindings.res = { body: 'bound' }`, 200, plain, 'bound'],
    [`return { res: { body: 'returned' } }`, 200, plain, 'returned'],
    [`context.res = { status: 304, body: 'lost' }`, 304, plain, ''],
    [`throw new Error('boom')`, 500, null, ''],
  ])('%s → %d', async (handler, status, type, body) => {
    expect(await ask(v3App(handler))).toMatchObject({ status, type, body });
  });

  it('return their response where the output is $return', async () => {
    const app = v3App(
      `return { status: 201, body: 'made', cookies: [{ name: 'a', value: 'b' }] }`,
      '$return',
    );

    expect(await ask(app)).toMatchObject({ status: 201, body: 'made', cookies: ['a=b; path=/'] });
  });

  it('negotiate the content type', async () => {
    const app = v3App(`context.res = { body: { a: 1 }, enableContentNegotiation: true }`);

    const { type, body } = await ask(app, '/api/f', { headers: { accept: 'application/json' } });

    expect([type, body]).toEqual(['application/json; charset=utf-8', '{"a":1}']);
  });
});
