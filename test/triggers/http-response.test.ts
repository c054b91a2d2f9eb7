import { describe, expect, it } from 'vitest';
import type { RpcHttpData } from '../../src/function-app/rpc-typed-data.ts';
import { toResponse } from '../../src/triggers/http-response.ts';
import { failed, functionOf, succeeded } from './app-values.ts';

const fn = functionOf('F', 'http');

async function answer(http: RpcHttpData, accept: string | null = null) {
  const response = toResponse(fn, succeeded({ http }), accept);
  return {
    status: response.status,
    type: response.headers.get('content-type'),
    body: await response.text(),
    headers: response.headers,
  };
}

describe('the body', () => {
  it('of text is UTF-8 plain text unless the function says otherwise', async () => {
    expect(await answer({ body: { string: 'Grüße' } })).toMatchObject({
      status: 200,
      type: 'text/plain; charset=utf-8',
      body: 'Grüße',
    });
    const headers = { 'Content-Type': 'application/json' };
    expect(await answer({ headers, body: { string: '{}' } })).toMatchObject({
      type: 'application/json; charset=utf-8',
      body: '{}',
    });
  });

  it('replaces another charset, as the body is UTF-8', async () => {
    const headers = { 'content-type': 'text/html; charset=iso-8859-1; x=y' };

    expect((await answer({ headers, body: { string: 'a' } })).type).toBe(
      'text/html; x=y; charset=utf-8',
    );
  });

  it('of an object or array is indented JSON', async () => {
    expect(await answer({ body: { json: '{"a":[1]}' } })).toMatchObject({
      type: 'text/plain; charset=utf-8',
      body: '{\n  "a": [\n    1\n  ]\n}',
    });
  });

  it.each([
    [{ json: 'true' }, 'True'],
    [{ json: '"x"' }, 'x'],
    [{ json: 'null' }, ''],
    [{ int: 0 }, '0'],
    [{ double: 1.5 }, '1.5'],
    [{}, ''],
  ])('of %j is %j', async (body, text) => {
    expect((await answer({ body })).body).toBe(text);
  });

  it('of bytes goes out as it is, without a content type of its own', async () => {
    const response = await answer({ body: { bytes: new Uint8Array([65, 66]) } });

    expect([response.body, response.type]).toEqual(['AB', null]);
  });

  it.each(['204', '205', '304'])('is lost with status %s', async (statusCode) => {
    const response = await answer({ statusCode, body: { string: 'x' } });

    expect([response.status, response.body]).toEqual([Number(statusCode), '']);
  });
});

describe('the status', () => {
  it.each([
    ['202', 202],
    [' 404 ', 404],
    ['abc', 200],
    ['', 200],
    [null, 200],
  ])('%j is %d', async (statusCode, status) => {
    expect((await answer({ statusCode })).status).toBe(status);
  });

  it.each(['100', '600'])('%s cannot be sent', async (statusCode) => {
    await expect(answer({ statusCode })).rejects.toThrow(`The status ${statusCode} cannot be sent`);
  });
});

describe('headers', () => {
  it('are handed on; the ones that belong to the connection are not', async () => {
    const { headers } = await answer({
      headers: { Location: '/x', 'Transfer-Encoding': 'chunked', 'content-length': '99' },
    });

    expect(Object.fromEntries(headers)).toEqual({
      'content-type': 'text/plain; charset=utf-8',
      location: '/x',
    });
  });

  it('of other characters than Latin-1 are percent-encoded', async () => {
    const { headers } = await answer({ headers: { 'x-name': '日本 é', 'x-latin': 'é' } });

    expect([headers.get('x-name'), headers.get('x-latin')]).toEqual([
      '%E6%97%A5%E6%9C%AC%20%C3%A9',
      'é',
    ]);
  });

  it('with line breaks are refused', async () => {
    await expect(answer({ headers: { 'x-a': 'b\r\nc: d' } })).rejects.toThrow("'x-a'");
  });
});

describe('cookies', () => {
  it('become one Set-Cookie each, with all their attributes', async () => {
    const { headers } = await answer({
      cookies: [
        {
          name: 'a',
          value: 'b c;(d)',
          domain: { value: 'x.test' },
          path: { value: '/p' },
          expires: { value: { seconds: 1_700_000_000 } },
          maxAge: { value: 3600.9 },
          secure: { value: true },
          httpOnly: { value: true },
          sameSite: 'explicitNone',
        },
        { name: 'plain', value: 'v', sameSite: 'none', secure: { value: false }, maxAge: null },
      ],
    });

    expect(headers.getSetCookie()).toEqual([
      'a=b%20c%3B%28d%29; expires=Tue, 14 Nov 2023 22:13:20 GMT; max-age=3600; domain=x.test; path=/p; secure; samesite=none; httponly',
      'plain=v; path=/',
    ]);
  });

  it.each([[{ name: 'a b', value: '' }], [{ name: 'a', value: '', path: { value: '/; secure' } }]])(
    'that would break the header are refused: %j',
    async (cookie) => {
      await expect(answer({ cookies: [cookie] })).rejects.toThrow('cookie');
    },
  );
});

describe('content negotiation', () => {
  const negotiated = (http: RpcHttpData, accept: string | null) =>
    answer({ enableContentNegotiation: true, ...http }, accept);

  it.each([
    [{ string: 'a<b' }, null, 'text/plain', 'a<b'],
    [{ string: 'a<b' }, 'text/html,*/*', 'text/plain', 'a<b'],
    [{ string: 'a"b' }, 'application/json', 'application/json', '"a\\"b"'],
    [
      { string: 'a<b' },
      'text/plain;q=0.1, application/xml',
      'application/xml',
      '<string xmlns="http://schemas.microsoft.com/2003/10/Serialization/">a&lt;b</string>',
    ],
    [{ string: 'a' }, 'image/png', 'text/plain', 'a'],
    [{ string: 'a' }, 'image/png;by="a, application/json"', 'text/plain', 'a'],
    [{ string: 'a' }, 'application/json;q=0, TEXT/PLAIN;q=0.5', 'text/plain', 'a'],
    [{ json: '{"a":1}' }, 'text/plain', 'application/json', '{"a":1}'],
    [{ json: '{"a":1}' }, null, 'application/json', '{"a":1}'],
  ])('writes %j for %j as %s', async (body, accept, type, text) => {
    const response = await negotiated({ body }, accept);

    expect([response.type, response.body]).toEqual([`${type}; charset=utf-8`, text]);
  });

  it('lets a content type of the function decide', async () => {
    const http = { headers: { 'content-type': 'application/json' }, body: { string: 'a' } };

    expect((await negotiated(http, 'text/plain')).body).toBe('"a"');
  });

  it('answers 204 for nothing, and hands bytes on', async () => {
    expect((await negotiated({ statusCode: '200' }, null)).status).toBe(204);
    expect((await negotiated({ body: { bytes: new Uint8Array([65]) } }, null)).body).toBe('A');
  });
});

describe('the function', () => {
  it('that failed is answered with an empty 500', async () => {
    const response = toResponse(fn, failed('secret'), null);

    expect([response.status, await response.text()]).toEqual([500, '']);
    expect([...response.headers]).toEqual([]);
  });

  it('that set no response is answered with 204', () => {
    expect(toResponse(fn, succeeded(), null).status).toBe(204);
    expect(toResponse(fn, succeeded({}), null).status).toBe(204);
  });

  it('may answer through a named output', async () => {
    const bindings = [{ name: 'res', type: 'HTTP', direction: 'out' }] as const;
    const outputs = new Map([['res', { http: { statusCode: '201', body: { string: 'x' } } }]]);

    const response = toResponse({ ...fn, bindings }, { kind: 'succeeded', outputs }, null);

    expect([response.status, await response.text()]).toEqual([201, 'x']);
  });
});
