/** Starts of a hub whose storage is there, and does not do its work for a while. */
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import { throughPassingFailures } from '../../src/azure-storage/passing-failure.ts';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';
import { FaultyProxy } from '../support/faulty-proxy.ts';
import { LONG } from '../support/patience.ts';
import { azureOptions } from './azure-options.ts';

let proxy: FaultyProxy;
beforeEach(async () => {
  proxy = await FaultyProxy.start(azuriteConnectionString());
});
afterEach(() => proxy.stop());

const hubBehindProxy = () =>
  createAzureStorageBackend(
    azureOptions({ taskHub: freshHubName(), account: proxy.connectionString }),
  );

describe('a hub', () => {
  it('is created once its storage is no more too busy', LONG, async () => {
    const backend = hubBehindProxy();
    proxy.cast({ status: 503, code: 'ServerBusy' });
    setTimeout(() => {
      proxy.cast(undefined);
    }, 5_000);

    await backend.createHub();

    expect(await backend.hubExists()).toBe(true);
    await backend.deleteHub();
  });

  it('is created although connections break', LONG, async () => {
    const backend = hubBehindProxy();
    proxy.arm({ kind: 'reset', at: 1, of: /PUT/ });

    await backend.createHub();

    expect(proxy.hasStruck).toBe(true);
    expect(await backend.hubExists()).toBe(true);
    await backend.deleteHub();
  });

  it('is given up at once where storage does not know us', async () => {
    proxy.cast({ status: 403, code: 'AuthenticationFailed' });

    await expect(hubBehindProxy().createHub()).rejects.toThrow('HTTP 403');
  });
});

describe('a failure that does not pass', () => {
  it('is thrown in the end', async () => {
    const backend = hubBehindProxy();
    proxy.cast({ status: 500, code: 'InternalError' });

    await expect(
      throughPassingFailures(() => backend.readHistory('i' as never), 1),
    ).rejects.toThrow('HTTP 500');
  });
});
