/** A folder with a host.json and a local.settings.json for a hub in the Azurite of the test run, and `func durable` in it. */
import { azuriteConnectionString, freshHubName } from './azurite.ts';
import { func as runInProcess, runCommand } from './func-command.ts';
import type { FuncExit } from './func-process.ts';
import { createScratchApp, type ScratchApp } from './scratch-app.ts';

export interface DurableFolder extends ScratchApp {
  readonly hubName: string;
  /** Runs `func durable <args>` in the folder. */
  func(...args: string[]): Promise<FuncExit>;
  /** The same with `--json`, within this process, which is quicker; parses what it prints. @throws {Error} unless it succeeds. */
  json(...args: string[]): Promise<unknown>;
}

export async function createDurableFolder(
  app: Parameters<typeof createScratchApp>[0] = {},
): Promise<DurableFolder> {
  const hubName = freshHubName('Cli');
  const scratch = await createScratchApp({
    ...app,
    files: {
      'host.json': {
        version: '2.0',
        extensions: {
          durableTask: { hubName, storageProvider: { maxQueuePollingInterval: '00:00:00.500' } },
        },
      },
      'local.settings.json': localSettings(),
      ...app.files,
    },
  });
  const func = (...args: string[]): Promise<FuncExit> =>
    runCommand(['durable', ...args], { cwd: scratch.folder });
  return {
    ...scratch,
    hubName,
    func,
    json: async (...args) => {
      const { code, out, err } = await runInProcess(
        ...['durable', ...args, '--json', '--script-root', scratch.folder],
        ...['--connection-string-setting', 'CliStorage'],
      );
      if (code !== 0) throw new Error(`func durable ${args.join(' ')}: ${err}`);
      return JSON.parse(out) as unknown;
    },
  };
}

export function localSettings(values: Readonly<Record<string, string>> = {}): object {
  return {
    IsEncrypted: false,
    Values: {
      AzureWebJobsStorage: azuriteConnectionString(),
      CliStorage: azuriteConnectionString(),
      ...values,
    },
  };
}
