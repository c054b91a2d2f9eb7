/** The samples as somebody publishes them: the one for Azure in both of its styles, and the compiled one, which says nothing of us. */
import { spawnSync } from 'node:child_process';
import { readFile, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { afterEach, describe, expect, it } from 'vitest';
import { freshHubName } from '../../support/azurite.ts';
import { REPOSITORY } from '../../support/func-process.ts';
import { whyNoOfficialWorker } from '../../support/functions-host/official-worker.ts';
import { GREETINGS, WorkerApps } from '../../support/functions-host/worker-app.ts';
import { ended, start } from '../../support/instances.ts';
import { LONG } from '../../support/patience.ts';
import type { ScratchApp } from '../../support/scratch-app.ts';

const why = whyNoOfficialWorker();
const hasBicep = spawnSync('bicep', ['--version']).status === 0;
const AZURE_SAMPLE = path.join(REPOSITORY, 'samples/azure');
const apps = new WorkerApps();

afterEach(() => apps.close());

async function runHello(
  app: ScratchApp,
  name: string,
  env: Readonly<Record<string, string>> = {},
): Promise<unknown> {
  // As published: settings of this machine stay here.
  await rm(path.join(app.folder, 'local.settings.json'), { force: true });
  const hubName = freshHubName();
  const host = await apps.start(app, {
    env: { AzureFunctionsJobHost__extensions__durableTask__hubName: hubName, ...env },
  });
  const { output } = await ended(await start(`${host.url}/api/orchestrators/${name}`));
  return output;
}

async function packageOf(folder: string): Promise<Record<string, unknown>> {
  return JSON.parse(await readFile(path.join(folder, 'package.json'), 'utf8')) as Record<
    string,
    unknown
  >;
}

describe.skipIf(why !== undefined)(`in the official worker${why ? `: ${why}` : ''}`, () => {
  it('runs the sample for Azure, whose files say nothing of us', LONG, async () => {
    const app = await apps.copy(AZURE_SAMPLE);

    expect(await runHello(app, 'HelloSequence')).toEqual(GREETINGS);
  });

  it('runs it by the file that loads us first', LONG, async () => {
    const app = await apps.copy(AZURE_SAMPLE);
    const packageJson = { ...(await packageOf(app.folder)), main: 'src/index.js' };
    await writeFile(path.join(app.folder, 'package.json'), JSON.stringify(packageJson));

    expect(await runHello(app, 'HelloSequence')).toEqual(GREETINGS);
  });

  it('runs the TypeScript sample, built, with its glob and not changed at all', LONG, async () => {
    const app = await apps.copy(path.join(REPOSITORY, 'samples/typescript'));
    const env = { NODE_OPTIONS: '--require durable-functions-extension/preload' };

    expect(await runHello(app, 'E1_HelloSequence', env)).toEqual(GREETINGS);
  });
});

describe('the sample for Azure', () => {
  it('asks for no extension bundle', async () => {
    const hostJson = await readFile(path.join(AZURE_SAMPLE, 'host.json'), 'utf8');

    expect(JSON.parse(hostJson)).not.toHaveProperty('extensionBundle');
  });

  it('needs the major versions that are tested', async () => {
    const { dependencies } = (await packageOf(AZURE_SAMPLE)) as {
      dependencies: Record<string, string>;
    };
    const { devDependencies } = (await packageOf(REPOSITORY)) as {
      devDependencies: Record<string, string>;
    };

    for (const name of ['@azure/functions', '@azure/identity', 'durable-functions']) {
      const major = devDependencies[name]?.split('.')[0] ?? 'none';
      expect(dependencies[name]).toMatch(new RegExp(`^\\^${major}\\.`));
    }
  });

  it.skipIf(!hasBicep)(`describes its resources without a warning`, () => {
    const { status, stdout, stderr } = spawnSync('bicep', ['lint', 'main.bicep'], {
      cwd: AZURE_SAMPLE,
      encoding: 'utf8',
    });

    expect([status, stdout + stderr]).toEqual([0, '']);
  });
});
