import { type Agent, createServer, request, type IncomingMessage, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { ConnectionPool, requestPolicy } from '../../src/azure-storage/clients/request-policy.ts';

const IDLE_MS = 100;

let server: Server;
let url: string;
beforeEach(async () => {
  server = createServer((_, response) => response.end('here'));
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
});
afterEach(() => {
  server.closeAllConnections();
  server.close();
});

/** @returns whether the request went over a connection that was there before. */
async function ask(agent: Agent): Promise<boolean> {
  const sent = request(url, { agent });
  const response = await new Promise<IncomingMessage>((resolve, reject) => {
    sent.once('response', resolve).once('error', reject).end();
  });
  response.resume();
  await new Promise((resolve) => response.once('end', resolve));
  // The agent takes the connection back when its listeners have run.
  await new Promise((resolve) => setImmediate(resolve));
  return sent.reusedSocket;
}

describe('the connections to storage', () => {
  it('are used again', async () => {
    const pool = new ConnectionPool(IDLE_MS * 100);

    await ask(pool.agentFor(url));

    expect(await ask(pool.agentFor(url))).toBe(true);
  });

  it('are not used again when code has kept the thread while they became too old', async () => {
    const pool = new ConnectionPool(IDLE_MS);
    await ask(pool.agentFor(url));

    Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, IDLE_MS + 10);

    expect(await ask(pool.agentFor(url))).toBe(false);
  });

  it('are all new after one of them was dead', async () => {
    const pool = new ConnectionPool(IDLE_MS * 100);
    await ask(pool.agentFor(url));

    pool.renew();

    expect(await ask(pool.agentFor(url))).toBe(false);
  });
});

describe('a request', () => {
  type Policy = ReturnType<typeof requestPolicy>;
  type Next = Parameters<Policy['sendRequest']>[1];

  function sendThrough(codes: (string | undefined)[]): Promise<unknown> {
    const policy = requestPolicy('queue', new ConnectionPool(), {});
    const sent = { url, method: 'POST', headers: new Map() } as unknown as Parameters<Next>[0];
    const next = (() => {
      const code = codes.shift();
      return code === undefined
        ? Promise.resolve({ status: 200 })
        : Promise.reject(Object.assign(new Error(`write ${code}`), { code }));
    }) as unknown as Next;
    return policy.sendRequest(sent, next);
  }

  it('that met a dead connection is sent once more, on a new one', async () => {
    expect(await sendThrough(['EPIPE', undefined])).toEqual({ status: 200 });
  });

  it.each([[['EPIPE', 'EPIPE', undefined]], [['ECONNRESET', undefined]]])(
    'is left to the retries of the clients otherwise: %j',
    async (codes) => {
      await expect(sendThrough(codes)).rejects.toThrow(/^write E/);
    },
  );
});
