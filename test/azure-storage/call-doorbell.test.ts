/** Doors of other workers, whose addresses come from storage: whoever is there gets no more than a second, and is not believed. */
import { once } from 'node:events';
import { createServer, type RequestListener } from 'node:http';
import type { AddressInfo } from 'node:net';
import { describe, expect, it, onTestFinished } from 'vitest';
import { askRunning, ringDoorbell } from '../../src/azure-storage/wake-ups/call-doorbell.ts';
import type { DoorbellAddress } from '../../src/azure-storage/wake-ups/doorbell.ts';

const CHARGE = { kind: 'activity', name: 'Charge', instanceId: 'order-7', sinceMs: 1_000 };

async function door(answer: RequestListener): Promise<DoorbellAddress> {
  const server = createServer(answer).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, key: 'secret' };
}

const telling = (body: unknown): Promise<DoorbellAddress> =>
  door((_, response) => response.end(typeof body === 'string' ? body : JSON.stringify(body)));

/** Sends a little now and then, for as long as somebody listens. */
const dripping = (status: number): Promise<DoorbellAddress> =>
  door((_, response) => {
    response.writeHead(status);
    const dripper = setInterval(() => response.write(' '), 50);
    response.once('close', () => {
      clearInterval(dripper);
    });
  });

describe('asking a worker what it executes', () => {
  it('gives what it tells', async () => {
    const told = { total: 3, running: [CHARGE] };

    expect(await askRunning(await telling(told), 1)).toEqual(told);
  });

  it.each([
    ['no JSON', 'what?'],
    ['another JSON', []],
    ['no total', { running: [] }],
    ['half a function', { total: 1, running: [{ ...CHARGE, instanceId: 7 }] }],
    ['a time that is none', { total: 1, running: [{ ...CHARGE, sinceMs: 9e15 }] }],
    ['more than was asked for', { total: 2, running: [CHARGE, CHARGE] }],
    ['more than anybody reads', { total: 1, running: [{ ...CHARGE, name: 'x'.repeat(10_000) }] }],
  ])('takes %s for no answer', async (_, body) => {
    expect(await askRunning(await telling(body), 1)).toBeUndefined();
  });

  it('does not wait for an answer that never ends', async () => {
    expect(await askRunning(await dripping(200), 500)).toBeUndefined();
    expect(await ringDoorbell(await dripping(200), 'activities')).toBe(false);
  });
});
