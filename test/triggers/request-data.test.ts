import { describe, expect, it } from 'vitest';
import { httpTriggerMetadata, readBody, toRpcHttp } from '../../src/triggers/request-data.ts';

const none = new Uint8Array();
const bytes = (text: string): Uint8Array => new TextEncoder().encode(text);

function streamOf(...chunks: string[]): ReadableStream<Uint8Array> {
  return new ReadableStream({
    start(controller) {
      for (const chunk of chunks) controller.enqueue(bytes(chunk));
      controller.close();
    },
  });
}

describe('the RPC form of a request', () => {
  it('carries method, url, headers, query, parameters and raw body', () => {
    const request = new Request('http://localhost:7071/api/orders/7?x=1&y=', {
      method: 'POST',
      headers: { 'Content-Type': 'application/json', 'X-Many': 'a' },
    });
    request.headers.append('x-many', 'b');

    const { http } = toRpcHttp(request, { id: '7' }, bytes('{}'));

    expect(http).toEqual({
      method: 'POST',
      url: 'http://localhost:7071/api/orders/7?x=1&y=',
      nullableHeaders: {
        'content-type': { value: 'application/json' },
        'x-many': { value: 'a, b' },
      },
      nullableQuery: { x: { value: '1' }, y: { value: '' } },
      nullableParams: { id: { value: '7' } },
      body: { bytes: bytes('{}') },
      rawBody: null,
      identities: [],
    });
  });

  it('joins repeated query keys, whatever their case, and has no body where none came', () => {
    const request = new Request('http://h/a?k=1&K=2&k=a%20b');

    const { http } = toRpcHttp(request, {}, none);

    expect(http?.nullableQuery).toEqual({ k: { value: '1,2,a b' } });
    expect(http).not.toHaveProperty('body');
  });
});

describe('the body', () => {
  it('is read whole when it comes in chunks without a length', async () => {
    const request = new Request('http://h/', {
      method: 'POST',
      body: streamOf('ab', 'cd'),
      duplex: 'half',
    });

    expect(Buffer.from(await readBody(request, 4)).toString()).toBe('abcd');
  });

  it('is refused beyond the limit, before reading where the length says so', async () => {
    const init = { method: 'POST', body: streamOf('ab', 'cd'), duplex: 'half' } as const;
    const announced = new Request('http://h/', {
      method: 'POST',
      headers: { 'content-length': '5' },
    });

    await expect(readBody(new Request('http://h/', init), 3)).rejects.toThrow('More than 3 bytes');
    await expect(readBody(announced, 4)).rejects.toThrow('More than 4 bytes');
  });
});

describe('trigger metadata', () => {
  it('holds body members, query and route values by name, the later over the earlier', () => {
    const request = new Request('http://h/a?code=secret&q=query&B=query', { method: 'POST' });
    const body = bytes(
      ' {"a":"text","n":1.5,"t":true,"o":{"x":1},"list":[1],"nothing":null,"b":"body","q":"body"}\n',
    );

    const { Query, Headers, ...named } = httpTriggerMetadata(request, { q: 'route' }, body);

    expect(named).toEqual({
      a: { json: '"text"' },
      n: { string: '1.5' },
      t: { json: '"True"' },
      o: { json: '{"x":1}' },
      b: { string: 'query' },
      q: { string: 'route' },
    });
    expect(JSON.parse(Query?.json ?? '')).toEqual({ code: 'secret', q: 'query', B: 'query' });
    expect(Headers).toEqual({ json: '{}' });
  });

  it('takes the last of repeated query keys', () => {
    const { Query, k } = httpTriggerMetadata(new Request('http://h/a?k=1&k=2'), {}, none);

    expect([Query?.json, k]).toEqual(['{"k":"2"}', { string: '2' }]);
  });

  it('lets a request take the names Query and Headers', () => {
    const metadata = httpTriggerMetadata(new Request('http://h/a?query=x'), { headers: 'y' }, none);

    expect(metadata).toEqual({ query: { string: 'x' }, headers: { string: 'y' } });
  });

  it.each(['[1]', '{broken}', 'text', '', '  '])('ignores the body %j', (body) => {
    expect(Object.keys(httpTriggerMetadata(new Request('http://h/'), {}, bytes(body)))).toEqual([
      'Query',
      'Headers',
    ]);
  });

  it('keeps a member named __proto__ as data', () => {
    const metadata = httpTriggerMetadata(new Request('http://h/'), {}, bytes('{"__proto__":"x"}'));

    expect(Object.getOwnPropertyDescriptor(metadata, '__proto__')?.value).toEqual({ json: '"x"' });
  });
});
