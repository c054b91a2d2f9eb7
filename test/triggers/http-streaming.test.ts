/** Apps with `enableHttpStream`, through the library's own loopback server. */
import { describe, expect, it } from 'vitest';
import { within } from '../support/eventually.ts';
import { appOf, functionOf, recordingLog } from './app-values.ts';
import { createHttpTriggerHandler } from '../../src/triggers/http-trigger.ts';
import { loadApp, v4App } from './loaded-app.ts';

const streaming = (handler: string) => v4App(handler, 'app.setup({ enableHttpStream: true });');

async function ask(handler: string, path = '/api/f', init?: RequestInit) {
  const { ask: send, log } = await loadApp(streaming(handler));
  const response = await within(send(path, init), 'the answer');
  return { response, log };
}

describe('a streamed request', () => {
  it('arrives with the URL, parameters and headers that the client sent', async () => {
    const { response } = await ask(
      `return { status: 201, headers: { 'x-a': request.headers.get('x-a') },
         jsonBody: [request.method, request.url, request.params.id, request.query.get('x'), await request.text()] }`,
      '/api/f/7?x=1',
      { method: 'POST', headers: { 'x-a': 'b' }, body: 'text' },
    );

    expect([response.status, response.headers.get('x-a')]).toEqual([201, 'b']);
    expect(await response.json()).toEqual([
      'POST',
      'http://localhost:7071/api/f/7?x=1',
      '7',
      '1',
      'text',
    ]);
  });

  it('is read while it is still being sent, and so is the answer', async () => {
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    const encode = (text: string) => new TextEncoder().encode(text);
    const asked = ask(`return { body: request.body }`, '/api/f', {
      method: 'POST',
      body: readable,
      duplex: 'half',
    });
    await writer.write(encode('one'));

    const { response } = await asked;
    const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
    const first = await within(
      reader?.read() ?? Promise.reject(new Error('no body')),
      'the first piece',
    );
    await writer.write(encode('two'));
    await writer.close();
    const second = await reader?.read();

    expect([first.value, second?.value, (await reader?.read())?.done]).toEqual([
      'one',
      'two',
      true,
    ]);
  });

  it('may be a GET or a HEAD', async () => {
    const { ask: send } = await loadApp(streaming(`return { body: request.method }`));

    expect(await (await send('/api/f')).text()).toBe('GET');
    const head = await send('/api/f', { method: 'HEAD' });
    expect([head.status, head.body]).toEqual([200, null]);
  });

  it('keeps several cookies apart', async () => {
    const { response } = await ask(
      `return { cookies: [{ name: 'a', value: '1' }, { name: 'b', value: '2' }] }`,
    );

    expect(response.headers.getSetCookie()).toEqual(['a=1', 'b=2']);
  });
});

describe('a handler that never answers the forwarded request', () => {
  it('because it throws is answered with an empty 500', async () => {
    const { response, log } = await ask(`throw new Error('boom')`);

    expect([response.status, await response.text()]).toEqual([500, '']);
    expect(log.messages().some((message) => message.includes('Exception: boom'))).toBe(true);
  });

  it.each(['return', 'return null'])('because of "%s" is answered with 204', async (handler) => {
    const { response } = await ask(handler);

    expect([response.status, response.body]).toEqual([204, null]);
  });

  it('because of what it returned is answered with 500', async () => {
    expect((await ask(`return 'text'`)).response.status).toBe(500);
  });
});

describe('a streamed answer', () => {
  it('that is finished in the same moment as the invocation is not lost', async () => {
    const { ask: send } = await loadApp(streaming(`return { body: 'x' }`));

    const answers = await Promise.all(
      Array.from({ length: 50 }, async () => (await send('/api/f')).text()),
    );

    expect(new Set(answers)).toEqual(new Set(['x']));
  });
});

describe('a library that does not listen', () => {
  it('is tried again, and then the request fails with a line in the log', async () => {
    const log = recordingLog();
    const app = appOf([functionOf('F', 'http')], () => new Promise(() => undefined), {
      HttpUri: 'http://localhost:1/',
    });
    const handler = createHttpTriggerHandler({ app, routePrefix: '', customHeaders: {}, log });

    const response = await handler.handle(new Request('http://h/F', { method: 'POST', body: 'x' }));

    expect(response?.status).toBe(500);
    expect(log.messages().at(-1)).toContain(
      "Failed to proxy the request of function 'F' to http://localhost:1/",
    );
  });
});
