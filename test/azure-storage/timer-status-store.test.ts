/** The status blobs of timers, on a real Azurite. */
import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { createBlobTimerStatusStore } from '../../src/azure-storage/blobs/timer-status-store.ts';
import { openStorage } from '../../src/azure-storage/clients/storage-clients.ts';
import type { TimerStatusStore } from '../../src/triggers/timer-status.ts';
import { azuriteConnectionString } from '../support/azurite.ts';

const status = {
  Last: '2026-11-21T03:25:00.0012+00:00',
  Next: '2026-11-21T03:30:00+00:00',
  LastUpdated: '2026-11-21T03:25:00.0012+00:00',
};

function stored(functionName: string) {
  const storage = openStorage(azuriteConnectionString(), undefined);
  const hostId = `host-${randomUUID()}`;
  const store: TimerStatusStore = createBlobTimerStatusStore(storage, hostId);
  const blob = storage
    .container('azure-webjobs-hosts')
    .getBlockBlobClient(`timers/${hostId}/Host.Functions.${functionName}/status`);
  return { store, blob };
}

describe('the status of a timer in blob storage', () => {
  it('is nothing before the first write, container or not', async () => {
    expect(await stored('Tick').store.read('Tick')).toBeUndefined();
  });

  it('lies where the .NET host looks, in its form', async () => {
    const { store, blob } = stored('Tick');

    await store.write('Tick', status);

    expect((await blob.downloadToBuffer()).toString()).toBe(JSON.stringify(status));
    expect(await store.read('Tick')).toEqual(status);
  });

  it('is replaced by the next write', async () => {
    const { store } = stored('Tick');
    await store.write('Tick', status);

    await store.write('Tick', { ...status, Next: 'later' });

    expect((await store.read('Tick'))?.Next).toBe('later');
  });

  it.each(['no json', '{"Last":1}', 'null'])(
    'that cannot be read is an error: %s',
    async (text) => {
      const { store, blob } = stored('Tick');
      await store.write('Tick', status);
      await blob.upload(text, Buffer.byteLength(text));

      await expect(store.read('Tick')).rejects.toThrow(blob.name);
    },
  );
});
