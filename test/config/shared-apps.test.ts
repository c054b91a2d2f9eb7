/** The host.json files of the official sample apps, where they are at hand beside the repository. */
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { STORAGE } from './config-folder.ts';

const APPS = fileURLToPath(new URL('../../../shared/apps/', import.meta.url));
const SAMPLES: readonly (readonly [string, string, string])[] = [
  ['classic-samples-v1.5.4', 'SampleHubJs', ''],
  ['classic-samples-v1.5.4/UnitTesting', 'TestHubName', 'api'],
  ['classic-samples-v2.1.3', 'SampleHubJs', ''],
  ['classic-samples-v2.1.3/UnitTesting', 'TestHubName', 'api'],
  ['docs-samples-v1.8.3', 'SampleHubJS', ''],
  ['docs-samples-v2.3.0', 'SampleHubJS', ''],
  ['smoke-durableJS', 'JavaScriptSmokeTest', 'api'],
  ['v4-samples-js', 'TestHubName', 'api'],
  ['v4-samples-ts', 'TestHubName', 'api'],
];

if (!existsSync(APPS)) {
  process.stderr.write(`SKIPPED: host.json of the official samples: there is no ${APPS}\n`);
}

describe.skipIf(!existsSync(APPS))('the official sample apps', () => {
  it.each(SAMPLES)('%s has hub %s and route prefix "%s"', async (app, hubName, routePrefix) => {
    const scriptRoot = `${APPS}${app}`;
    const config = await loadConfig({ scriptRoot, env: STORAGE, cpuCount: 2 });
    expect(config.hostJsonPath).toBe(`${scriptRoot}/host.json`);
    expect(config.durableTask.hubName).toBe(hubName);
    expect(config.http.routePrefix).toBe(routePrefix);
  });

  it('log what their host.json says', async () => {
    const scriptRoot = `${APPS}smoke-durableJS`;
    const config = await loadConfig({ scriptRoot, env: STORAGE, cpuCount: 2 });
    expect(config.logLevels).toEqual({
      'DurableTask.AzureStorage': 'warning',
      'DurableTask.Core': 'warning',
    });
  });
});
