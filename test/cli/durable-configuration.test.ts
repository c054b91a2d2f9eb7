import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest';
import { AzureHub } from '../support/azure-hub.ts';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';
import { localSettings } from '../support/durable-folder.ts';
import { func, funcWith } from '../support/func-command.ts';
import { patient } from '../support/patience.ts';

const folders: string[] = [];

beforeAll(() => {
  vi.stubEnv('AzureWebJobsStorage', undefined);
});

afterAll(async () => {
  vi.unstubAllEnvs();
  for (const folder of folders) await rm(folder, { recursive: true });
});

/** A folder with these files; `host.json` is left out when undefined. */
async function folderWith(hostJson: unknown, settings: object = localSettings()): Promise<string> {
  const folder = await mkdtemp(path.join(tmpdir(), 'func-durable-'));
  folders.push(folder);
  const write = (name: string, content: unknown) =>
    writeFile(path.join(folder, name), JSON.stringify(content));
  if (hostJson !== undefined) await write('host.json', hostJson);
  await write('local.settings.json', settings);
  return folder;
}

/** The hub that a command would look into: it does not exist, and is named. */
async function hubOf(folder: string, ...args: string[]): Promise<string> {
  const { err } = await func('durable', 'get-instances', '--script-root', folder, ...args);
  return /The task hub '(\w+)' does not exist/.exec(err)?.[1] ?? err;
}

const v2 = (durableTask: object) => ({ version: '2.0', extensions: { durableTask } });

describe('the task hub of func durable', () => {
  it.each([
    ['host.json', v2({ hubName: 'CliFromFile' }), 'CliFromFile'],
    ['another casing', v2({ HubName: 'CliFromFile' }), 'CliFromFile'],
    ['host.json of Functions 1.x', { durableTask: { HubName: 'CliVersion1' } }, 'CliVersion1'],
  ])('comes from %s', async (_where, hostJson, expected) => {
    expect(await hubOf(await folderWith(hostJson))).toBe(expected);
  });

  it('comes from --task-hub-name before anything else', async () => {
    const folder = await folderWith({ durableTask: { HubName: 'CliVersion1' } });

    expect(await hubOf(folder, '--task-hub-name', 'CliOption')).toBe('CliOption');
  });

  it('is DurableFunctionsHub when nobody names one, and the difference to the host is told', async () => {
    const folder = await folderWith({ version: '2.0' });
    const { err } = await func('durable', 'get-instances', '--script-root', folder);

    expect(err).toContain("using 'DurableFunctionsHub', the default of func durable.");
    expect(err).toContain("A host without hubName uses 'TestHubName'");
  });

  it('is refused with the name of the option', async () => {
    const folder = await folderWith({ version: '2.0' });
    const args = ['--script-root', folder, '--task-hub-name', 'no-hub'];
    const { code, err } = await func('durable', 'get-instances', ...args);

    expect(code).toBe(1);
    expect(err).toMatch(/^--task-hub-name: Task hub name 'no-hub' should contain/);
    expect(err).not.toContain('AzureFunctionsJobHost');
  });
});

describe('the storage of func durable', () => {
  it('is the setting that --connection-string-setting names', async () => {
    const values = { Values: { Mine: azuriteConnectionString() } };
    const folder = await folderWith(
      { durableTask: { HubName: 'CliMine', AzureStorageConnectionStringName: 'Nothing' } },
      values,
    );

    expect(await hubOf(folder, '--connection-string-setting', 'Mine')).toBe('CliMine');
  });

  it('is the setting that host.json names', async () => {
    const values = { Values: { Mine: azuriteConnectionString() } };
    const old = { HubName: 'CliMine', azureStorageConnectionStringName: 'Mine' };
    const current = { hubName: 'CliMine', storageProvider: { connectionName: 'Mine' } };

    expect(await hubOf(await folderWith({ durableTask: old }, values))).toBe('CliMine');
    expect(await hubOf(await folderWith(v2(current), values))).toBe('CliMine');
  });

  it('is missed in the words of Core Tools', async () => {
    const named = v2({ storageProvider: { type: 'AzureStorage' } });
    const folder = await folderWith(named, { Values: {} });
    const { code, err } = await func('durable', 'get-instances', '--script-root', folder);

    expect(code).toBe(1);
    expect(err).toMatch(/^No storage connection string found\.\n.*AzureWebJobsStorage/);
    expect(err).toMatch(/\nThe command failed due to a configuration issue\. See previous error/);
  });

  it('is the folder of the hub where no account is configured', async () => {
    const folder = await folderWith({ version: '2.0' }, { Values: {} });
    const { code, err } = await func('durable', 'get-instances', '--script-root', folder);

    expect(code).toBe(0);
    expect(err).toBe(
      `The task hub 'TestHubName' does not exist in the folder ${path.join(folder, '.durable')}.`,
    );
  });

  it('is the folder of the hub when the option says so', async () => {
    const folder = await folderWith(v2({ hubName: 'CliLocal' }));
    const args = ['--storage', 'local', '--script-root', folder];
    const started = await func('durable', 'start-new', '--function-name', 'Any', ...args);
    const { code, out } = await func('durable', 'get-instances', '--json', ...args);

    expect([started.code, code]).toEqual([0, 0]);
    expect(JSON.parse(out)).toMatchObject({ instances: [{ name: 'Any' }] });
  });

  it.each([
    ['mssql', 'MSSQL'],
    ['Netherite', 'Netherite'],
    ['memory', 'memory'],
  ])('cannot be %s', async (type, spelling) => {
    const folder = await folderWith(v2({ hubName: 'CliOther', storageProvider: { type } }));
    const { code, out, err } = await func('durable', 'get-instances', '--script-root', folder);

    expect({ code, out }).toEqual({ code: 1, out: '' });
    expect(err).toMatch(
      new RegExp(
        `^The ${spelling} storage provider for Durable Functions is not yet supported by this command\\. However, `,
      ),
    );
  });

  it('says so when there is no host.json', async () => {
    const folder = await folderWith(undefined);
    const { code, err } = await func('durable', 'get-instances', '--script-root', folder);

    expect(code).toBe(0);
    expect(err).toMatch(/^Could not find local host metadata file 'host.json'\n/);
  });
});

describe('a hub of which only storage knows the partitions', () => {
  it('gets messages where its workers look for them', async () => {
    const taskHub = freshHubName('Cli');
    const hub = new AzureHub({ taskHub, partitionCount: 9 });
    await hub.backend.createHub();
    const folder = await folderWith(undefined);
    const args = ['--script-root', folder, '--task-hub-name', taskHub];
    const ids = Array.from({ length: 8 }, (_, index) => `instance-${index}`);
    for (const id of ids) {
      await func('durable', 'start-new', '--function-name', 'Any', '--id', id, ...args);
    }

    await hub.backend.start();
    const arrived = new Set<string>();
    while (arrived.size < ids.length) {
      const item = await hub.backend.nextOrchestration(AbortSignal.timeout(patient(10_000)));
      if (item === undefined) break;
      arrived.add(item.instanceId);
      await hub.backend.settleOrchestration(item, { consumed: item.messages, deferred: [] });
    }
    await hub.backend.stop();
    await hub.backend.deleteHub();
    expect([...arrived].sort()).toEqual(ids);
  });
});

describe('func durable delete-task-hub', () => {
  const settings = () => ['--task-hub-name', 'CliNever'];

  it('asks at a terminal, with hub and account in the question', async () => {
    const args = ['--script-root', await folderWith(undefined), ...settings()];
    const { code, err, asked } = await funcWith('n', 'durable', 'delete-task-hub', ...args);

    expect(asked).toEqual([
      expect.stringMatching(/^Delete task hub 'CliNever' in storage account devstoreaccount1 \(/),
    ]);
    expect(code).toBe(1);
    expect(err).toContain('Nothing was deleted.');
  });

  it('stops while a host works on the hub, and tells so, unless it is forced', async () => {
    const appLease = {
      appName: '',
      renewIntervalMs: 25_000,
      acquireIntervalMs: 300_000,
      leaseIntervalMs: 60_000,
    };
    const hub = new AzureHub({ appLease });
    await hub.start();
    await hub.backend.start();
    const args = ['--script-root', await folderWith(undefined), '--yes'];
    args.push('--task-hub-name', hub.options.taskHub);

    const refused = await funcWith('n', 'durable', 'delete-task-hub', ...args);
    await hub.client.list({ pageSize: 1, includeInput: false, includeOutput: false });
    const forced = await funcWith('n', 'durable', 'delete-task-hub', ...args, '--force');
    await hub.backend.stop();

    expect([refused.code, forced.code]).toEqual([1, 0]);
    expect(refused.err).toContain('a host of this app holds the app lease');
    expect(refused.err).toContain('--force');
  });

  it('does not ask with --yes', async () => {
    const args = ['--script-root', await folderWith(undefined), ...settings(), '--yes'];
    const { code, out, asked } = await funcWith('n', 'durable', 'delete-task-hub', ...args);

    expect({ code, out, asked }).toEqual({
      code: 0,
      out: "Task hub 'CliNever' successfully deleted.",
      asked: [],
    });
  });
});
