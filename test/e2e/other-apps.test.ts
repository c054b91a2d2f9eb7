/** Two apps that are started on one hub: found out at the start, reported or refused. */
import { afterEach, describe, expect, it } from 'vitest';
import { AzureHub } from '../support/azure-hub.ts';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';
import { eventually } from '../support/eventually.ts';
import { freePort, runFunc, startFunc } from '../support/func-process.ts';
import { LONG } from '../support/patience.ts';
import { createScratchApp, type ScratchApp } from '../support/scratch-app.ts';

const PREFIX = 'AzureFunctionsJobHost__extensions__durableTask__';
const cleanUps: (() => Promise<unknown>)[] = [];

afterEach(async () => {
  for (const cleanUp of cleanUps.splice(0).reverse()) await cleanUp();
});

async function appNamed(name: string): Promise<ScratchApp> {
  const app = await createScratchApp({
    files: {
      'package.json': { name, main: 'app.js' },
      'app.js': `require('durable-functions').app.activity('do-${name}', { handler: () => 1 });`,
    },
    packages: { 'durable-functions': 'durable-functions', '@azure/functions': '@azure/functions' },
  });
  cleanUps.push(() => app.remove());
  return app;
}

describe('a second app on a hub', LONG, () => {
  it('is reported, and does not start where otherApps refuses it', async () => {
    const hub = new AzureHub({ taskHub: freshHubName('Apps') });
    cleanUps.push(() => hub.backend.deleteHub({ force: true }));
    const env = {
      AzureWebJobsStorage: azuriteConnectionString(),
      [`${PREFIX}hubName`]: hub.options.taskHub,
    };
    const [shop, billing] = [await appNamed('shop'), await appNamed('billing')];
    const first = await startFunc({ cwd: shop.folder, env });
    cleanUps.push(() => first.stop());

    const refused = await runFunc({
      cwd: billing.folder,
      port: await freePort(),
      env: { ...env, [`${PREFIX}otherApps`]: 'refuse' },
    });
    const second = await startFunc({ cwd: billing.folder, env });
    cleanUps.push(() => second.stop());

    const found = `Task hub '${hub.options.taskHub}' is worked on already by another app than 'billing': 'shop' (worker '`;
    expect(refused.code).toBe(1);
    expect(refused.stderr).toContain(found);
    await eventually(() => second.output().includes(found));
    expect(first.output()).not.toContain('another app');
  });
});
