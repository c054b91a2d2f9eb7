import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { describe, expect, it } from 'vitest';
import { loadConfig } from '../../src/config/load-config.ts';
import { chooseStore, findHubStore, type StoreFacts } from '../../src/host/hub-store.ts';
import { configFolder } from '../config/config-folder.ts';
import { developmentPortsAreTaken } from '../support/development-ports.ts';

const NOTHING: StoreFacts = {
  isShared: false,
  emulatorAnswers: false,
  hasEmulatorData: false,
  hasFolderHub: false,
  needsEmulator: false,
};
const ANSWERS = { emulatorAnswers: true };
const DATA = { hasEmulatorData: true };
const HUB = { hasFolderHub: true };
const NEEDS = { needsEmulator: true };

describe('the store of a hub whose configuration says UseDevelopmentStorage=true', () => {
  it.each([
    ['nothing is there', {}, 'folder'],
    ['functions need the emulator', NEEDS, 'emulator'],
    ['an emulator left data', DATA, 'emulator'],
    ['an emulator left data, and functions need it', { ...DATA, ...NEEDS }, 'emulator'],
    ['the emulator answers', ANSWERS, 'emulator'],
    ['the emulator answers, and functions need it', { ...ANSWERS, ...NEEDS }, 'emulator'],
    ['the emulator answers, with its data here', { ...ANSWERS, ...DATA }, 'emulator'],
    ['the emulator answers, with all of it', { ...ANSWERS, ...DATA, ...NEEDS }, 'emulator'],
    ['the folder has a hub', HUB, 'folder'],
    ['the folder has a hub, and functions need the emulator', { ...HUB, ...NEEDS }, 'folder'],
    ['the folder has a hub, and an emulator left data', { ...HUB, ...DATA }, 'folder'],
    ['the same, and functions need it', { ...HUB, ...DATA, ...NEEDS }, 'folder'],
    ['the folder has a hub, and the emulator answers', { ...HUB, ...ANSWERS }, 'folder'],
    ['the same, and functions need it', { ...HUB, ...ANSWERS, ...NEEDS }, 'folder'],
    ['the same, with its data here', { ...HUB, ...ANSWERS, ...DATA }, 'folder'],
    ['several processes share it', { isShared: true }, 'emulator'],
    [
      'several processes share it, and the folder has a hub',
      { isShared: true, ...HUB },
      'emulator',
    ],
    ['everything is there', { ...HUB, ...ANSWERS, ...DATA, ...NEEDS }, 'folder'],
  ] as const)('%s', (_, facts, place) => {
    expect(chooseStore({ ...NOTHING, ...facts })).toBe(place);
  });
});

interface Given {
  readonly env?: Readonly<Record<string, string>>;
  readonly storageProvider?: unknown;
  readonly binding?: unknown;
  readonly isDisabled?: boolean;
  readonly hasEmulatorData?: boolean;
}

async function storeOf({ env, storageProvider, binding, isDisabled, hasEmulatorData }: Given) {
  const folder = await configFolder({
    'host.json': { version: '2.0', extensions: { durableTask: { storageProvider } } },
  });
  if (hasEmulatorData) {
    await mkdir(path.join(folder, '.azurite'));
    await writeFile(path.join(folder, '.azurite', '__azurite_db_table__.json'), '{}');
  }
  const request = { scriptRoot: folder, env: env ?? {}, cpuCount: 1, isLocalByDefault: true };
  const bindings = binding === undefined ? [] : [binding];
  const store = await findHubStore(await loadConfig(request), [
    { name: 'listen', bindings, isDisabled: isDisabled ?? false },
  ]);
  const { connection, localFolder } = store.config;
  const place =
    localFolder === undefined
      ? connection?.account.accountName
      : path.relative(folder, localFolder);
  return { ...store, place };
}

const DEVELOPMENT = { AzureWebJobsStorage: 'UseDevelopmentStorage=true' };

describe('without an account', () => {
  it('the hub is in a folder beside host.json, and says why', async () => {
    const { place, usesEmulator, reason } = await storeOf({});

    expect(place).toBe('.durable');
    expect(usesEmulator).toBe(false);
    expect(reason).toMatch(/^AzureWebJobsStorage is not set: the task hub is in .*\(npx azurite\)/);
  });

  it('takes the folder that host.json names', async () => {
    expect((await storeOf({ storageProvider: { path: 'hubs' } })).place).toBe('hubs');
  });

  it('says what an emulator left', async () => {
    const { place, reason } = await storeOf({ hasEmulatorData: true });

    expect(place).toBe('.durable');
    expect(reason).toContain('.azurite is untouched');
  });

  it('is a problem where a provider or a connection is named', async () => {
    const named = storeOf({ storageProvider: { type: 'AzureStorage' } });
    await expect(named).rejects.toThrow("'AzureWebJobsStorage' has no app setting");
    const mine = storeOf({ storageProvider: { connectionName: 'Mine' } });
    await expect(mine).rejects.toThrow("'Mine' has no app setting");
  });

  it('starts the emulator for a function that is in another connection to it', async () => {
    const { place, usesEmulator, inEmulator } = await storeOf({
      env: { Mine: 'UseDevelopmentStorage=true' },
      binding: { type: 'queueTrigger', connection: 'Mine' },
    });

    expect([place, usesEmulator, inEmulator]).toEqual(['.durable', true, ['listen']]);
  });
});

describe.skipIf(await developmentPortsAreTaken())('where no emulator answers', () => {
  it.each([
    ['no binding', undefined, '.durable'],
    ['an HTTP function', { type: 'httpTrigger' }, '.durable'],
    ['a queue trigger', { type: 'queueTrigger' }, 'devstoreaccount1'],
    ['a queue output', { type: 'queue', connection: '' }, 'devstoreaccount1'],
    ['a blob trigger', { type: 'blobTrigger' }, 'devstoreaccount1'],
    ['a blob', { type: 'Blob', connection: 'Storage' }, 'devstoreaccount1'],
    ['a table by a setting', { type: 'table', connection: '%WHERE%' }, 'devstoreaccount1'],
    ['a queue elsewhere', { type: 'queue', connection: 'Cloud' }, '.durable'],
    ['a queue in no account', { type: 'queue', connection: 'None' }, '.durable'],
    ['a client of the own hub', { type: 'durableClient' }, '.durable'],
    ['a client that names it', { type: 'durableClient', connectionName: 'Storage' }, '.durable'],
    ['a client elsewhere', { type: 'durableClient', connectionName: 'Mine' }, 'devstoreaccount1'],
  ])('%s', async (_, binding, place) => {
    const env = {
      ...DEVELOPMENT,
      Mine: 'UseDevelopmentStorage=true',
      WHERE: 'Mine',
      Cloud: 'DefaultEndpointsProtocol=https;AccountName=cloud;AccountKey=a2V5',
    };

    expect((await storeOf({ env, binding })).place).toBe(place);
  });

  it('passes over functions that are disabled', async () => {
    const binding = { type: 'queueTrigger' };
    expect((await storeOf({ env: DEVELOPMENT, binding, isDisabled: true })).place).toBe('.durable');
  });

  it('goes on with the data of an emulator', async () => {
    const { place, usesEmulator } = await storeOf({ env: DEVELOPMENT, hasEmulatorData: true });
    expect([place, usesEmulator]).toEqual(['devstoreaccount1', true]);
  });

  it('is in the emulator where the provider is named', async () => {
    const storageProvider = { type: 'AzureStorage' };
    expect((await storeOf({ env: DEVELOPMENT, storageProvider })).place).toBe('devstoreaccount1');
  });

  it('is not asked for a hub that is in an account of its own', async () => {
    const env = {
      AzureWebJobsStorage: 'DefaultEndpointsProtocol=https;AccountName=cloud;AccountKey=a2V5',
    };
    expect(await storeOf({ env })).toMatchObject({ place: 'cloud', usesEmulator: false });
  });
});
