import { chmod } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { DurableError } from '../../src/core/errors.ts';
import { loadConfig } from '../../src/config/load-config.ts';
import { configFolder, failureOf, load, loadDurableTask, STORAGE } from './config-folder.ts';

const hub = (hubName: string) => ({ version: '2.0', extensions: { durableTask: { hubName } } });
const values = (Values: Record<string, string>) => ({ IsEncrypted: false, Values });

describe('the files of a configuration', () => {
  it('are those of the nearest parent when the script root has none', async () => {
    const files = {
      'host.json': hub('Parent'),
      'local.settings.json': values({ A: 'parent' }),
      'samples/app/package.json': '{}',
    };
    const config = await load({ files, scriptRoot: 'samples/app' });
    expect(config.durableTask.hubName).toBe('Parent');
    expect(config.environment['A']).toBe('parent');
    expect(config.scriptRoot.endsWith('/samples/app')).toBe(true);
    expect(config.hostJsonPath).toBe(join(config.scriptRoot, '../../host.json'));
    expect(config.localSettingsPath).toBe(join(config.scriptRoot, '../../local.settings.json'));
  });

  it('may be in different folders, up to that of host.json', async () => {
    const files = {
      'host.json': hub('Parent'),
      'local.settings.json': values({ A: 'parent' }),
      'app/local.settings.json': values({ A: 'app' }),
    };
    const config = await load({ files, scriptRoot: 'app' });
    expect(config.durableTask.hubName).toBe('Parent');
    expect(config.environment['A']).toBe('app');
  });

  it('are not taken from above host.json', async () => {
    const files = { 'app/host.json': hub('App'), 'local.settings.json': values({ A: 'above' }) };
    const config = await load({ files, scriptRoot: 'app' });
    expect(config.localSettingsPath).toBeUndefined();
    expect(config.environment).not.toHaveProperty('A');
  });

  it('need a script root that exists', async () => {
    const folder = await configFolder({ file: '' });
    for (const scriptRoot of [join(folder, 'missing'), join(folder, 'file')]) {
      const error = await failureOf(loadConfig({ scriptRoot, env: {}, cpuCount: 1 }));
      expect(error.message).toBe(
        `${scriptRoot}: The script root does not exist, or is not a folder.`,
      );
    }
  });

  it.skipIf(process.getuid?.() === 0)('that may not be read are a problem', async () => {
    const folder = await configFolder({ 'host.json': hub('Mine') });
    await chmod(join(folder, 'host.json'), 0);
    const error = await failureOf(loadConfig({ scriptRoot: folder, env: STORAGE, cpuCount: 1 }));
    expect(error.message).toContain('EACCES');
  });
});

describe('the connection of the task hub', () => {
  it('is development storage, written out', async () => {
    const { connection } = await load();
    expect(connection).toMatchObject({
      name: 'AzureWebJobsStorage',
      account: {
        isDevelopmentStorage: true,
        queueEndpoint: 'http://127.0.0.1:10001/devstoreaccount1',
      },
    });
    expect(connection?.account.accountName).toBe('devstoreaccount1');
  });

  it('is the one that host.json names, from local.settings.json too', async () => {
    const files = {
      'host.json': {
        version: '2.0',
        extensions: { durableTask: { storageProvider: { connectionName: 'Mine' } } },
      },
      'local.settings.json': values({ Mine: 'AccountName=mine;AccountKey=c2VjcmV0' }),
    };
    const { connection } = await load({ files });
    expect(connection).toMatchObject({ name: 'Mine', account: { accountName: 'mine' } });
  });

  it('is not needed in memory', async () => {
    const durableTask = { storageProvider: { type: 'memory' } };
    const { connection } = await loadDurableTask(durableTask, { AzureWebJobsStorage: undefined });
    expect(connection).toBeUndefined();
  });

  it('is a problem where it is named', async () => {
    const durableTask = { storageProvider: { connectionName: 'Mine' } };
    const { problems } = await failureOf(loadDurableTask(durableTask));
    expect(problems).toMatchObject([
      {
        path: 'extensions.durableTask.storageProvider.connectionName',
        message: expect.stringMatching(/^The connection 'Mine' has no app setting\./) as string,
      },
    ]);
  });
});

describe('a configuration with several problems', () => {
  it('reports all of them in one error, one per line', async () => {
    const files = {
      'host.json': {
        version: '3.0',
        functionTimeout: 'soon',
        extensions: {
          durableTask: {
            hubName: '%Missing%',
            maxConcurrentActivityFunctions: 0,
            storageProvider: { partitionCount: 17, connectionName: 'Nowhere' },
          },
        },
      },
      'local.settings.json': { IsEncrypted: false, Values: { A: {} } },
    };
    const error = await failureOf(load({ files }));
    expect(error).toBeInstanceOf(DurableError);
    expect(error.code).toBe('CONFIG');
    expect(error.problems.map(({ path }) => path)).toEqual([
      'Values.A',
      'version',
      'extensions.durableTask.storageProvider.partitionCount',
      'extensions.durableTask.maxConcurrentActivityFunctions',
      'functionTimeout',
      'extensions.durableTask.hubName',
      'extensions.durableTask.storageProvider.connectionName',
    ]);
    expect(error.message.split('\n')).toHaveLength(7);
    expect(error.message).toContain("'%Missing%' does not resolve to a value.");
  });
});
