import { readFile, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import type { Config } from '../../../src/config/config.ts';
import { loadConfig } from '../../../src/config/load-config.ts';
import { isLoopback, openKeys } from '../../../src/hub/keys/host-keys.ts';
import { isAppFile } from '../../../src/host/reload/app-files.ts';
import { linkOrigin, managementUrlOptions } from '../../../src/hub/management-address.ts';
import { silentLogger, type LogRecord } from '../../../src/telemetry/log.ts';
import { azuriteConnectionString, freshHubName } from '../../support/azurite.ts';
import { createScratchApp, type ScratchApp } from '../../support/scratch-app.ts';

const apps: ScratchApp[] = [];
afterEach(async () => {
  await Promise.all(apps.splice(0).map((app) => app.remove()));
});

async function configOf(
  durableTask: object = {},
  env: Readonly<Record<string, string>> = {},
): Promise<Config> {
  const app = await createScratchApp({
    files: { 'host.json': { version: '2.0', extensions: { durableTask } } },
  });
  apps.push(app);
  return await loadConfig({
    scriptRoot: app.folder,
    env: {
      AzureFunctionsJobHost__extensions__durableTask__storageProvider__type: 'memory',
      ...env,
    },
    cpuCount: 2,
  });
}

const AROUND = { hostName: 'localhost:7071', log: silentLogger };

describe('the keys of a host', () => {
  it('are in the folder of the app, or where FUNCTIONS_SECRETS_PATH says', async () => {
    const config = await configOf();
    const elsewhere = await configOf({}, { FUNCTIONS_SECRETS_PATH: 'my-secrets' });

    const { place } = await openKeys(config, AROUND);

    expect(place).toBe(path.join(config.scriptRoot, 'data/Functions/secrets/host.json'));
    expect(await readFile(place, 'utf8')).toContain('durabletask_extension');
    expect((await openKeys(elsewhere, AROUND)).place).toBe(
      path.join(elsewhere.scriptRoot, 'my-secrets/host.json'),
    );
  });

  it('are in the storage account of the app in Azure, apart for each slot', async () => {
    const site = freshHubName('Site');
    const env = { AzureWebJobsStorage: azuriteConnectionString(), WEBSITE_SITE_NAME: site };
    const settings = { hubName: 'Hub' };
    const production = await configOf(settings, { ...env, WEBSITE_SLOT_NAME: 'Production' });
    const staging = await configOf(settings, { ...env, WEBSITE_SLOT_NAME: 'Staging' });

    const first = await openKeys(production, AROUND);
    const again = await openKeys(production, AROUND);
    const other = await openKeys(staging, AROUND);

    expect(first.place).toBe(`azure-webjobs-secrets/${site.toLowerCase()}/host.json`);
    expect(other.place).toBe(`azure-webjobs-secrets/${site.toLowerCase()}-staging/host.json`);
    expect(await again.ring.masterKey()).toBe(await first.ring.masterKey());
    expect(await other.ring.masterKey()).not.toBe(await first.ring.masterKey());
  });

  it('have one to sign links with when links are signed', async () => {
    const config = await configOf({ signedLinks: { lifetime: '01:00:00' } });

    const keys = await openKeys(config, AROUND);

    expect((await keys.ring.list('systemKeys')).map(({ name }) => name)).toEqual([
      'durabletask_extension',
      'durabletask_links',
    ]);
    expect(managementUrlOptions(config, keys).sign).toBeDefined();
  });

  it('do not restart the app when they change', async () => {
    const config = await configOf();
    const { place } = await openKeys(config, AROUND);

    const { scriptRoot } = config;
    const app = { scriptRoot, settingFiles: [], directories: [], fileNames: [], isEnabled: true };
    expect(isAppFile(place, app)).toBe(false);
    expect(isAppFile(path.join(scriptRoot, 'host.json'), app)).toBe(true);
  });

  it('warn of signed links that the durable client cannot do without', async () => {
    const records: LogRecord[] = [];
    const config = await configOf({
      signedLinks: { lifetime: '01:00:00' },
      localRpcEndpointEnabled: false,
    });

    await openKeys(config, { ...AROUND, log: { write: (record) => records.push(record) } });

    expect(records.map(({ message }) => message)).toEqual([
      expect.stringContaining('localRpcEndpointEnabled is false'),
    ]);
  });

  it('cannot be kept in a vault', async () => {
    const config = await configOf({}, { AzureWebJobsSecretStorageType: 'KeyVault' });

    await expect(openKeys(config, AROUND)).rejects.toThrow("'KeyVault'");
  });

  it('cannot be kept where a file is in the way, and the error says what to do', async () => {
    const config = await configOf();
    await writeFile(path.join(config.scriptRoot, 'data'), '');

    await expect(openKeys(config, AROUND)).rejects.toThrow(/secrets: .*FUNCTIONS_SECRETS_PATH/);
  });
});

describe('addresses', () => {
  it.each([
    ['127.0.0.1', true],
    ['127.1.2.3', true],
    ['::1', true],
    ['localhost', true],
    ['0.0.0.0', false],
    ['::', false],
    ['10.0.0.1', false],
    ['127.0.0.1.example', false],
  ])('%s is of this machine alone: %s', (address, expected) => {
    expect(isLoopback(address)).toBe(expected);
  });

  it.each([
    [{}, {}, 'http://localhost:7071', '/runtime/webhooks/durabletask'],
    [
      {},
      { WEBSITE_HOSTNAME: 'app.example' },
      'https://app.example',
      '/runtime/webhooks/durabletask',
    ],
    [
      {},
      { WEBSITE_HOSTNAME: 'localhost:8080' },
      'http://localhost:8080',
      '/runtime/webhooks/durabletask',
    ],
    [
      { notificationUrl: 'https://gw.example/df/runtime/webhooks/durabletask/?code=x' },
      { WEBSITE_HOSTNAME: 'app.example' },
      'https://gw.example',
      '/df/runtime/webhooks/durabletask',
    ],
    [
      { notificationUrl: 'http://gw.example:8080' },
      {},
      'http://gw.example:8080',
      '/runtime/webhooks/durabletask',
    ],
  ])('with %j and %j links begin with %s%s', async (durableTask, env, origin, webhookPath) => {
    const config = await configOf(durableTask, env);

    expect(linkOrigin(config, 'http://localhost:7071')).toBe(origin);
    expect(managementUrlOptions(config, undefined).webhookPath).toBe(webhookPath);
  });
});
