import { existsSync } from 'node:fs';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { func, funcWith } from '../support/func-command.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'init-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

function init(...args: string[]): ReturnType<typeof func> {
  return func('init', ...args, '--script-root', folder);
}

async function json(name: string): Promise<unknown> {
  return JSON.parse(await readFile(path.join(folder, name), 'utf8'));
}

describe('func init', () => {
  it('writes the files of a JavaScript app', async () => {
    const { code, out } = await init('--worker-runtime', 'node', '--language', 'javascript');

    expect(code).toBe(0);
    expect(out).toContain('Writing host.json');
    expect(out).toContain('Next: npm install, func new, npm start.');
    expect(await json('package.json')).toMatchObject({
      main: 'src/functions/*.js',
      scripts: { start: 'func start' },
      dependencies: { '@azure/functions': '^4.0.0', 'durable-functions': '^3.0.0' },
    });
    expect(await json('local.settings.json')).toEqual({
      IsEncrypted: false,
      Values: {
        FUNCTIONS_WORKER_RUNTIME: 'node',
        AzureWebJobsStorage: 'UseDevelopmentStorage=true',
      },
    });
    for (const file of ['.gitignore', '.funcignore', '.vscode/extensions.json', 'src/functions']) {
      expect(existsSync(path.join(folder, file))).toBe(true);
    }
  });

  it('makes the folder that is named, for TypeScript', async () => {
    const { code, out } = await init('My-App1', '-l', 'TypeScript');

    expect(code).toBe(0);
    expect(out).toContain('Next: cd My-App1, npm install, func new, npm start.');
    expect(await json('My-App1/package.json')).toMatchObject({
      name: 'my-app1',
      main: 'dist/src/functions/*.js',
    });
    expect(await json('My-App1/tsconfig.json')).toHaveProperty('compilerOptions.outDir', 'dist');
    expect(await json('My-App1/host.json')).toMatchObject({
      extensions: { durableTask: { hubName: 'MyApp1Hub' } },
      extensionBundle: { id: 'Microsoft.Azure.Functions.ExtensionBundle' },
    });
  });

  it.each(['javascript', 'typescript'])(
    'writes tasks for F5 that are there, in %s',
    async (language) => {
      await init('--language', language);

      const { tasks } = (await json('.vscode/tasks.json')) as {
        tasks: { label: string; dependsOn?: string }[];
      };
      const labels = tasks.map(({ label }) => label);
      const settings = (await json('.vscode/settings.json')) as Record<string, string>;
      const { configurations } = (await json('.vscode/launch.json')) as {
        configurations: { preLaunchTask: string }[];
      };
      const named = [
        ...tasks.flatMap(({ dependsOn }) => (dependsOn === undefined ? [] : [dependsOn])),
        ...configurations.map(({ preLaunchTask }) => preLaunchTask),
        settings['azureFunctions.preDeployTask'],
      ];
      expect(labels).toEqual(expect.arrayContaining(named));
    },
  );

  it('writes an image whose process 1 is node', async () => {
    await init('--language', 'javascript', '--docker');

    const text = await readFile(path.join(folder, 'Dockerfile'), 'utf8');
    expect(text).toMatch(/\nUSER node\n[^]*\nCMD \["node", .*"start", "--address", "0\.0\.0\.0"/);
    expect(existsSync(path.join(folder, '.dockerignore'))).toBe(true);
  });

  it.each([
    [['--worker-runtime', 'typescript'], 'tsconfig.json', true],
    [['--worker-runtime', 'javascript'], 'tsconfig.json', false],
    [['-language:typescript'], 'tsconfig.json', true],
    [['--typescript'], 'tsconfig.json', true],
    [['--javascript', '--model', 'V4', '--bundles-channel', 'preview'], 'tsconfig.json', false],
    [['--node', '--language', 'javascript'], 'tsconfig.json', false],
    [['--language', 'javascript', '--source-control'], '.git', true],
  ])('with %j leaves %s: %s', async (args, file, isThere) => {
    expect((await init(...args)).code).toBe(0);
    expect(existsSync(path.join(folder, file))).toBe(isThere);
  });

  it('leaves what is there alone, unless it is forced', async () => {
    await writeFile(path.join(folder, 'host.json'), '{"version":"2.0","mine":true}');

    const { out } = await init('--language', 'javascript');
    expect(out).toContain('host.json already exists. Skipped!');
    expect(await json('host.json')).toHaveProperty('mine');

    await init('--language', 'javascript', '--force');
    expect(await json('host.json')).not.toHaveProperty('mine');
  });

  it('keeps the values of local.settings.json even then', async () => {
    const mine = { AZUREWEBJOBSSTORAGE: 'mine', Secret: 's' };
    const settings = { IsEncrypted: false, Values: mine, Host: { CORS: '*' } };
    await writeFile(path.join(folder, 'local.settings.json'), JSON.stringify(settings));

    const { out } = await init('--language', 'javascript', '--force');

    expect(out).toContain('Keeping the values of local.settings.json');
    expect(await json('local.settings.json')).toEqual({
      ...settings,
      Values: { ...mine, FUNCTIONS_WORKER_RUNTIME: 'node' },
    });
  });

  it.each([
    ['{"IsEncrypted":true,"Values":{"Secret":"s"}}', 'are encrypted'],
    ['{"Values":{"Secret":"s"', 'line 1'],
    ['["Secret"]', 'must contain a JSON object'],
    ['{"Values":"Secret"}', "'Values' must be an object"],
  ])('leaves local.settings.json as it is when it holds %s', async (text, reason) => {
    const file = path.join(folder, 'local.settings.json');
    await writeFile(file, text);

    const { code, err } = await init('--language', 'javascript', '--force');

    expect([code, await readFile(file, 'utf8')]).toEqual([0, text]);
    expect(err).toContain('local.settings.json was left as it is.');
    expect(err).toContain(reason);
  });

  it('names no extension bundle with --no-bundle', async () => {
    await init('--language', 'javascript', '--no-bundle');

    expect(await json('host.json')).not.toHaveProperty('extensionBundle');
  });

  it('asks for the language at a terminal only', async () => {
    const asked = await funcWith('typescript', 'init', '--script-root', folder);
    const unasked = await func('init', '--script-root', folder);

    expect(asked.asked).toEqual(['Language (javascript or typescript): ']);
    expect(asked.code).toBe(0);
    expect(unasked.code).toBe(1);
    expect(unasked.err).toContain('--language');
  });

  it.each([
    [['--worker-runtime', 'python'], 'this host runs Node apps only'],
    [['--language', 'cobol'], "'cobol' is not supported"],
    [['--language', 'javascript', '--model', 'v5'], 'there are V3 and V4'],
    [['--docker-only'], 'func init --docker writes what is missing'],
    [['--csharp'], 'this host runs Node apps only'],
    [['--langauge', 'typescript'], 'Did you mean --language?'],
  ])('refuses %j', async (args, reason) => {
    const { code, err } = await init(...args);

    expect(code).toBe(1);
    expect(err).toContain(reason);
    expect(existsSync(path.join(folder, 'host.json'))).toBe(false);
  });
});
