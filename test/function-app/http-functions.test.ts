import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { InvocationResult } from '../../src/function-app/function-app.ts';
import type { RpcHttpData, RpcTypedData } from '../../src/function-app/rpc-typed-data.ts';
import { disposing, type Fixture, loadFixture } from './load-fixture.ts';

let v4: Fixture;
let classic: Fixture;

beforeAll(async () => {
  v4 = await loadFixture('v4-commonjs');
  classic = await loadFixture('classic-v2');
  return disposing(v4, classic);
});
afterAll(async () => {
  await v4.app.dispose();
  await classic.app.dispose();
});

function request(overrides: RpcHttpData = {}): RpcTypedData {
  return {
    http: {
      method: 'GET',
      url: 'http://localhost:7071/api/greet/Ann?x=1',
      nullableHeaders: { 'x-test': { value: 'h' } },
      nullableQuery: { x: { value: '1' } },
      nullableParams: { name: { value: 'Ann' } },
      body: null,
      identities: [],
      ...overrides,
    },
  };
}

async function call(
  fixture: Fixture,
  name: string,
  http?: RpcHttpData,
): Promise<{ status: unknown; body: string; http: RpcHttpData; result: InvocationResult }> {
  const result = await fixture.app.invoke(fixture.fn(name), { triggerData: request(http) });
  if (result.kind === 'failed') throw result.error;
  const output = fixture
    .fn(name)
    .bindings.find(({ type, direction }) => type === 'http' && direction === 'out');
  const answer =
    output?.name === '$return' ? result.returnValue : result.outputs.get(output?.name ?? '');
  const response = answer?.http ?? {};
  const body = response.body ?? {};
  return {
    status: response.statusCode,
    body: body.json ?? body.string ?? Buffer.from(body.bytes ?? []).toString(),
    http: response,
    result,
  };
}

describe('an HTTP function of the v4 model', () => {
  it('reads the request and answers JSON', async () => {
    const answer = await v4.app.invoke(v4.fn('Greet'), {
      triggerData: request({ method: 'POST', body: { bytes: Buffer.from('{"b":2}') } }),
      invocationId: 'my-id',
      traceContext: { traceParent: '00-a-b-01', traceState: '', attributes: {} },
    });

    expect(answer).toMatchObject({ returnValue: { http: { statusCode: '201' } } });
    const { returnValue } = answer as { returnValue: { http: { body: { bytes: Uint8Array } } } };
    expect(JSON.parse(Buffer.from(returnValue.http.body.bytes).toString())).toEqual({
      name: 'Ann',
      query: '1',
      header: 'h',
      body: '{"b":2}',
      invocationId: 'my-id',
      trace: '00-a-b-01',
    });
  });

  it('may set cookies', async () => {
    const { http } = await call(v4, 'Greet');

    expect(http.cookies).toMatchObject([{ name: 'a', value: 'b', sameSite: 'lax' }]);
  });

  it('may answer an HttpResponse, or a stream', async () => {
    expect(await call(v4, 'Classy')).toMatchObject({ status: '202', body: 'text' });
    expect(await call(v4, 'Streams')).toMatchObject({ status: '200', body: 'a,b' });
  });

  it('may answer nothing', async () => {
    const { result } = await call(v4, 'Nothing');

    expect(result).toEqual({ kind: 'succeeded', outputs: new Map() });
  });

  it('fails when it throws, or answers no object', async () => {
    const thrown = await v4.app.invoke(v4.fn('Crashes'), { triggerData: request() });
    const wrong = await v4.app.invoke(v4.fn('Wrong'), { triggerData: request() });

    expect(thrown).toMatchObject({ kind: 'failed', message: 'http boom' });
    expect((thrown as { stack: string }).stack).toContain('http.js');
    expect(wrong).toMatchObject({
      kind: 'failed',
      message: expect.stringContaining('must be an object') as string,
    });
  });

  it('gets a durable client', async () => {
    const { body } = await call(v4, 'Starter');

    expect(JSON.parse(body)).toEqual({
      hub: 'Hub',
      url: 'http://localhost:7071/instances/abc',
    });
  });
});

describe('an HTTP function of the classic model', () => {
  it('answers through context.res', async () => {
    const { status, body, http } = await call(classic, 'HttpRes', {
      method: 'POST',
      body: { bytes: Buffer.from('{"b":2}') },
    });

    expect(status).toBe('201');
    expect(http.headers).toEqual({ 'x-a': '1' });
    expect(JSON.parse(body)).toEqual({ name: 'Ann', x: '1', raw: '{"b":2}', body: { b: 2 } });
  });

  it('answers through the methods of context.res and done', async () => {
    const { status, body, http } = await call(classic, 'HttpDone');

    expect(status).toBe('202');
    expect(http.headers).toMatchObject({ 'x-b': 'c', 'content-type': 'application/json' });
    expect(JSON.parse(body)).toEqual({ method: 'GET' });
  });

  it('answers by its return value', async () => {
    expect(await call(classic, 'HttpReturn')).toMatchObject({ status: '203', body: 'returned' });
  });

  it('answers by name, beside another output', async () => {
    expect(await call(classic, 'HttpNamed')).toMatchObject({ body: 'named' });
    expect(classic.queued).toEqual([
      { fn: 'HttpNamed', queue: 'orders', value: { json: '["a","b"]' } },
    ]);
  });

  it('gets a durable client as binding and as argument', async () => {
    expect((await call(classic, 'Starter')).body).toBe('["Hub",true]');
  });
});

describe('functions of other triggers', () => {
  it('get a timer', async () => {
    const timer = { json: '{"IsPastDue":true,"Schedule":{"AdjustForDST":true}}' };

    await v4.app.invoke(v4.fn('Tick'), { triggerData: timer });
    await classic.app.invoke(classic.fn('Tick'), { triggerData: timer });

    expect(v4.records.map(({ message }) => message)).toContain('past due true');
    expect(classic.records.map(({ message }) => message)).toContain('past due true');
  });

  it('get metadata, and their $return binding is written', async () => {
    const result = await v4.app.invoke(v4.fn('OnQueue'), {
      triggerData: { string: '{"a":1}' },
      triggerMetadata: { DequeueCount: { json: '3' } },
    });

    const value = { json: '{"message":{"a":1},"count":3}' };
    expect(result).toMatchObject({ kind: 'succeeded', returnValue: value });
    expect(v4.queued.at(-1)).toEqual({ fn: 'OnQueue', queue: 'next', value });
  });
});
