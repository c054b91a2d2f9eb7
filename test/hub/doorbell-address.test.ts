import { describe, expect, it } from 'vitest';
import { Doorbell } from '../../src/azure-storage/wake-ups/doorbell.ts';
import type { Config } from '../../src/config/config.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { hangDoorbell } from '../../src/hub/doorbell-address.ts';

const RPC = { port: 17071 };

async function configured(wakeUpUrl?: string): Promise<Config> {
  const env = {
    AzureWebJobsStorage: 'UseDevelopmentStorage=true',
    ...(wakeUpUrl && { AzureFunctionsJobHost__extensions__durableTask__wakeUpUrl: wakeUpUrl }),
  };
  return await loadConfig({ scriptRoot: import.meta.dirname, env, cpuCount: 1 });
}

async function hungAt(wakeUpUrl?: string, hasPublicPort = true): Promise<string | undefined> {
  const doorbell = new Doorbell();
  hangDoorbell(doorbell, { config: await configured(wakeUpUrl), rpc: RPC, hasPublicPort });
  return doorbell.address?.url;
}

describe('where a doorbell hangs', () => {
  it.each([
    ['http://10.0.0.7:7071', 'http://10.0.0.7:7071'],
    ['http://10.0.0.7:7071//', 'http://10.0.0.7:7071'],
    ['https://gateway.test/app/', 'https://gateway.test/app'],
    ['https://gateway.test/app?of=this#one', 'https://gateway.test/app'],
  ])('below wakeUpUrl, which is %s', async (wakeUpUrl, base) => {
    expect(await hungAt(wakeUpUrl)).toBe(`${base}/runtime/webhooks/doorbell`);
  });

  it('at the loopback port where nothing is said', async () => {
    expect(await hungAt()).toBe('http://127.0.0.1:17071/doorbell');
  });

  it('at the loopback port of a process that has no public port for itself, whatever wakeUpUrl says', async () => {
    expect(await hungAt('http://10.0.0.7:7071', false)).toBe('http://127.0.0.1:17071/doorbell');
  });
});
