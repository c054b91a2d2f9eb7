/** A network may swallow a request, its answer, or the rest of one: whoever asked is told, and asks again. */
import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { afterEach, describe, expect, it } from 'vitest';
import {
  openStorage,
  type StorageClients,
} from '../../src/azure-storage/clients/storage-clients.ts';
import { azuriteConnectionString } from '../support/azurite.ts';

/** A busy machine must not take itself for a silent storage. */
const LIMIT_MS = 1_000;
const SHORT_MS = 50;

let server: Server | undefined;
afterEach(() => {
  server?.closeAllConnections();
  server?.close();
});

/** @param answer to each request, by its number. */
async function storageThat(
  answer: (number: number) => RequestListener,
  answerTimeoutMs = LIMIT_MS,
): Promise<StorageClients> {
  let number = 0;
  const mute = createServer((...exchange) => {
    exchange[0].resume();
    answer(++number)(...exchange);
  });
  server = mute;
  await new Promise<void>((resolve) => mute.listen(0, '127.0.0.1', resolve));
  const { port } = mute.address() as AddressInfo;
  const account = azuriteConnectionString().replaceAll(/127\.0\.0\.1:\d+/g, `127.0.0.1:${port}`);
  return openStorage(account, undefined, { answerTimeoutMs });
}

const silent: RequestListener = () => undefined;
const halfway: RequestListener = (_, response) => {
  response.writeHead(200, { 'content-length': '100', 'content-type': 'application/xml' });
  response.write('<?xml');
};
const empty: RequestListener = (_, response) => {
  const body = '<?xml version="1.0" encoding="utf-8"?><QueueMessagesList></QueueMessagesList>';
  response.writeHead(200, { 'content-type': 'application/xml' }).end(body);
};

describe('a request to storage', () => {
  it.each([
    ['that is never answered', silent],
    ['whose answer stops half-way', halfway],
  ])('%s is made again', async (_, swallow) => {
    const storage = await storageThat((number) => (number === 1 ? swallow : empty));

    expect(await storage.messages('any').get(1, 1)).toEqual([]);
  });

  it('that is never answered, however often it is made, fails', async () => {
    const storage = await storageThat(() => silent, SHORT_MS);

    await expect(storage.messages('any').get(1, 1)).rejects.toThrow('nothing came for 0.05 s');
    await expect(storage.queue('any').getProperties()).rejects.toThrow('nothing came for 0.05 s');
    await expect(storage.table('any').getEntity('a', 'b')).rejects.toThrow('nothing came');
    await expect(storage.container('any').getProperties()).rejects.toThrow('nothing came');
  });

  it('whose answer comes in small pieces is waited for', async () => {
    const storage = await storageThat(() => (_, response) => {
      const body = '<?xml version="1.0"?><QueueMessagesList></QueueMessagesList>';
      response.writeHead(200, { 'content-type': 'application/xml' });
      const pieces = body.match(/.{1,6}/g) ?? [];
      const timer = setInterval(() => {
        const piece = pieces.shift();
        if (piece !== undefined) return response.write(piece);
        clearInterval(timer);
        return response.end();
      }, LIMIT_MS / 10);
    });

    expect(await storage.messages('any').get(1, 1)).toEqual([]);
  });
});
