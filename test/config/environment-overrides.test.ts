import { describe, expect, it } from 'vitest';
import { failureOf, load } from './config-folder.ts';

const HOST_JSON = {
  version: '2.0',
  functions: ['A', 'B'],
  extensions: { durableTask: { hubName: 'FromFile', storageProvider: { partitionCount: 2 } } },
};

const loadWith = (env: Record<string, string>, files: Record<string, unknown> = {}) =>
  load({ files: { 'host.json': HOST_JSON, ...files }, env });

describe('AzureFunctionsJobHost__… in the environment', () => {
  it.each([
    'AzureFunctionsJobHost__extensions__durableTask__hubName',
    'AZUREFUNCTIONSJOBHOST__EXTENSIONS__DURABLETASK__HUBNAME',
    'AzureFunctionsJobHost:extensions:durableTask:hubName',
  ])('wins over host.json: %s', async (name) => {
    expect((await loadWith({ [name]: 'FromEnv' })).durableTask.hubName).toBe('FromEnv');
  });

  it('adds what host.json does not have, with or without a file', async () => {
    const env = {
      AzureFunctionsJobHost__extensions__durableTask__storageProvider__maxQueuePollingInterval:
        '00:00:01',
      AzureFunctionsJobHost__extensions__http__routePrefix: '',
      AzureFunctionsJobHost__logging__logLevel__Host__Results: 'Debug',
    };
    for (const config of [await loadWith(env), await load({ env })]) {
      expect(config.durableTask.storageProvider.maxQueuePollingIntervalMs).toBe(1_000);
      expect(config.http.routePrefix).toBe('');
      expect(config.logLevels).toEqual({ 'Host.Results': 'debug' });
    }
  });

  it('keeps its neighbours in the file', async () => {
    const { durableTask } = await loadWith({
      AzureFunctionsJobHost__extensions__durableTask__storageProvider__controlQueueBatchSize: '8',
    });
    expect(durableTask.storageProvider).toMatchObject({
      controlQueueBatchSize: 8,
      partitionCount: 2,
    });
    expect(durableTask.hubName).toBe('FromFile');
  });

  it('reaches the elements of a list', async () => {
    expect(
      (await loadWith({ AzureFunctionsJobHost__functions__1: 'C' })).functionsAllowList,
    ).toEqual(['A', 'C']);
    const { functionsAllowList } = await load({
      env: { AzureFunctionsJobHost__functions__1: 'Y', AzureFunctionsJobHost__functions__0: 'X' },
    });
    expect(functionsAllowList).toEqual(['X', 'Y']);
  });

  it('may also come from local.settings.json, after the environment', async () => {
    const name = 'AzureFunctionsJobHost__extensions__durableTask__hubName';
    const files = { 'local.settings.json': { IsEncrypted: false, Values: { [name]: 'Local' } } };
    expect((await loadWith({}, files)).durableTask.hubName).toBe('Local');
    const config = await loadWith({ [name.toUpperCase()]: 'Env' }, files);
    expect(config.durableTask.hubName).toBe('Env');
  });

  it('does not replace a section by a text', async () => {
    const { durableTask } = await loadWith({ AzureFunctionsJobHost__extensions: 'none' });
    expect(durableTask.hubName).toBe('FromFile');
  });

  it('is named when its value is wrong', async () => {
    const name = 'AzureFunctionsJobHost__extensions__durableTask__storageProvider__partitionCount';
    const error = await failureOf(loadWith({ [name]: 'x' }));
    expect(error.message).toBe(
      `environment: ${name} = 'x': PartitionCount must be an integer value between 1 and 16.`,
    );
  });
});
