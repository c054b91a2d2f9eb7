/** A proxy that the environment names: storage on this machine is reached without it, and errors name it where it is used. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { openStorage } from '../../src/azure-storage/clients/storage-clients.ts';
import { storageCall } from '../../src/azure-storage/storage-error.ts';
import { azuriteConnectionString } from '../support/azurite.ts';

// Nothing listens there.
beforeEach(() => {
  vi.stubEnv('HTTPS_PROXY', 'http://user:secret@127.0.0.1:1');
});
afterEach(() => {
  vi.unstubAllEnvs();
});

const MISSING = { statusCode: 404 };
const ROW = { partitionKey: 'a', rowKey: 'b' };
const far = [
  'DefaultEndpointsProtocol=https;AccountName=a;AccountKey=YQ==',
  ...['Blob', 'Queue', 'Table'].map((name) => `${name}Endpoint=https://a.${name}.example/`),
].join(';');

describe('storage behind a proxy', () => {
  it('is reached without it on this machine', async () => {
    const storage = openStorage(azuriteConnectionString(), undefined);

    expect(await storage.queue('no-such-queue').exists()).toBe(false);
    await expect(storage.messages('no-such-queue').put('', 0)).rejects.toMatchObject(MISSING);
    await expect(storage.rows('none').merge(ROW)).rejects.toMatchObject(MISSING);
    expect(await storage.container('no-such-container').exists()).toBe(false);
    await expect(storage.table('none').getEntity('a', 'b')).rejects.toMatchObject(MISSING);
  });

  it.each(['queue', 'messages', 'container', 'table', 'rows'] as const)(
    'names it when %s elsewhere cannot be reached, without its password',
    async (kind) => {
      const storage = openStorage(far, undefined);
      const ask = {
        queue: () => storage.queue('que').getProperties(),
        messages: () => storage.messages('que').put('', 0),
        container: () => storage.container('con').getProperties(),
        table: () => storage.table('tab').getEntity('a', 'b'),
        rows: () => storage.rows('tab').merge(ROW),
      }[kind];

      const failure = await storageCall<unknown>('ask', ask).catch(String);

      expect(failure).toContain(
        'asked through the proxy http://127.0.0.1:1 (HTTPS_PROXY, ALL_PROXY or HTTP_PROXY)',
      );
      expect(failure).not.toContain('secret');
    },
  );
});
