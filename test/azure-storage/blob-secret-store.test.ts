import { BlobServiceClient } from '@azure/storage-blob';
import { afterAll, describe, expect, it } from 'vitest';
import { createBlobSecretStore } from '../../src/azure-storage/blobs/secret-store.ts';
import { KeyRing } from '../../src/http/keys/key-ring.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';

const container = BlobServiceClient.fromConnectionString(
  azuriteConnectionString(),
).getContainerClient(`secrets-${freshHubName().toLowerCase()}`);
afterAll(async () => {
  await container.deleteIfExists();
});

function openRing(folder: string): Promise<KeyRing> {
  return KeyRing.open({
    store: createBlobSecretStore(container, folder),
    systemKeys: ['durabletask_extension'],
    hostName: 'app.example',
    log: silentLogger,
  });
}

describe('keys in blobs', () => {
  it('are the same for hosts that start at once, in the blob of the Functions host', async () => {
    const rings = await Promise.all(Array.from({ length: 5 }, () => openRing('my-site')));

    const masters = await Promise.all(rings.map((ring) => ring.masterKey()));
    expect(new Set(masters).size).toBe(1);
    const blob = await container.getBlobClient('my-site/host.json').downloadToBuffer();
    expect(JSON.parse(blob.toString())).toMatchObject({
      masterKey: { name: 'master', value: masters[0], encrypted: false },
      hostName: 'app.example',
    });
  });

  it('keep all rotations of several hosts at once', async () => {
    const rings = await Promise.all(Array.from({ length: 4 }, () => openRing('busy')));

    await Promise.all(rings.map((ring, index) => ring.put('functionKeys', `k${index}`)));

    const names = (await (await openRing('busy')).list('functionKeys')).map(({ name }) => name);
    expect(names.toSorted()).toEqual(['default', 'k0', 'k1', 'k2', 'k3']);
  });

  it('of functions are beside those of the host', async () => {
    const ring = await openRing('site');

    await ring.put({ functionName: 'HttpStart' }, 'ci', 'secret');

    const blob = await container.getBlobClient('site/httpstart.json').downloadToBuffer();
    expect(JSON.parse(blob.toString())).toMatchObject({
      keys: [{ name: 'default' }, { name: 'ci', value: 'secret' }],
    });
  });
});
