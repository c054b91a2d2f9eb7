/** The handler behind the real HTTP server: what travels over the socket. */
import { type AddressInfo } from 'node:net';
import { request as httpRequest } from 'node:http';
import { type IncomingMessage } from 'node:http';
import { once } from 'node:events';
import { serve } from '@hono/node-server';
import { describe, expect, it, onTestFinished } from 'vitest';
import { eventually, within } from '../support/eventually.ts';
import { loadApp, v4App } from './loaded-app.ts';

async function serveApp(files: Record<string, unknown>) {
  const { handler, log } = await loadApp(files);
  const server = serve({
    fetch: async (request) =>
      (await handler.handle(request)) ?? new Response(null, { status: 404 }),
    hostname: '127.0.0.1',
    port: 0,
  });
  onTestFinished(async () => {
    await new Promise((resolve) => server.close(resolve));
  });
  if (!server.listening) await once(server, 'listening');
  return { log, port: (server.address() as AddressInfo).port };
}

async function send(
  port: number,
  method: string,
  pieces: readonly string[] = [],
): Promise<IncomingMessage> {
  const request = httpRequest({ port, host: '127.0.0.1', path: '/api/f/1', method, agent: false });
  for (const piece of pieces) request.write(piece);
  request.end();
  const [response] = (await within(once(request, 'response'), 'the answer')) as [IncomingMessage];
  return response;
}

async function bodyOf(response: IncomingMessage): Promise<string> {
  return Buffer.concat(await response.toArray()).toString();
}

const echo = `return { body: (await request.text()) + request.params.id, headers: { 'x-url': request.url } }`;

describe.each([
  ['buffered', ''],
  ['streamed', 'app.setup({ enableHttpStream: true });'],
])('over a socket, %s', (mode, setup) => {
  it('a chunked upload is read, and the URL is the one that was asked for', async () => {
    const { port } = await serveApp(v4App(echo, setup));

    const response = await send(port, 'POST', ['ab', 'cd']);

    expect(await bodyOf(response)).toBe('abcd1');
    expect(response.headers['x-url']).toBe(`http://127.0.0.1:${port}/api/f/1`);
    if (mode === 'buffered') expect(response.headers['content-length']).toBe('5');
  });

  it('HEAD has no body, and nothing to say is 204', async () => {
    const { port } = await serveApp(
      v4App(`if (request.method === 'HEAD') return { body: 'x' };`, setup),
    );

    const head = await send(port, 'HEAD');
    const nothing = await send(port, 'GET');

    expect([head.statusCode, await bodyOf(head)]).toEqual([200, '']);
    expect([nothing.statusCode, await bodyOf(nothing)]).toEqual([204, '']);
  });

  it('an error is an empty 500', async () => {
    const { port } = await serveApp(v4App(`throw new Error('boom')`, setup));

    const response = await send(port, 'POST', ['x'.repeat(200_000)]);

    expect([response.statusCode, await bodyOf(response)]).toEqual([500, '']);
  });
});

describe('a streamed answer whose body fails half-way', () => {
  it('ends with its connection, so that nobody takes the half for the whole', async () => {
    const { port, log } = await serveApp(
      v4App(
        `let pieces = 0;
         const body = new ReadableStream({ async pull(c) {
           await new Promise((resolve) => setTimeout(resolve, 20));
           if (pieces++ < 2) c.enqueue(Buffer.from('piece')); else throw new Error('spoilt'); } });
         return { body };`,
        'app.setup({ enableHttpStream: true });',
      ),
    );

    const response = await send(port, 'GET');

    expect(response.statusCode).toBe(200);
    await expect(within(bodyOf(response), 'the end of the answer')).rejects.toThrow('aborted');
    await eventually(() => log.messages().some((message) => message.includes('spoilt')));
  });
});

describe('a client that goes away', () => {
  it('in the middle of a streamed answer harms nobody', async () => {
    const { port, log } = await serveApp(
      v4App(
        `let left = 200;
         const body = new ReadableStream({ async pull(c) {
           await new Promise((resolve) => setTimeout(resolve, 1));
           if (left-- > 0) c.enqueue(Buffer.alloc(1000)); else c.close(); } });
         return { body };`,
        'app.setup({ enableHttpStream: true });',
      ),
    );

    const response = await send(port, 'GET');
    await once(response, 'data');
    response.destroy();

    await eventually(() => log.messages().some((message) => message.startsWith('Executed')));
    expect(log.messages().at(-1)).toContain('Succeeded');
  });
});
