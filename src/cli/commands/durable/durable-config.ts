/**
 * Which hub in which account: options first, then host.json and local.settings.json of the folder, then the defaults of
 * `func durable`. Errors and warnings have the words of Core Tools. Mirrors DurableManager.SetTaskHubName and its kin.
 */
import { availableParallelism } from 'node:os';
import path from 'node:path';
import { ConfigError, describeProblem, type ConfigProblem } from '../../../config/config-error.ts';
import type { Config } from '../../../config/config.ts';
import { loadConfig } from '../../../config/load-config.ts';
import { DurableError, NotSupportedError } from '../../../core/errors.ts';
import { findHubStore, type HubStore } from '../../../host/hub-store.ts';
import type { Output } from '../../output.ts';
import { storageOverride } from '../storage-option.ts';
import type { CommonFlags } from './durable-command.ts';

/** Of Core Tools; a host without `hubName` has another one. */
const DEFAULT_HUB_NAME = 'DurableFunctionsHub';
const HUB_NAME = 'AzureFunctionsJobHost__extensions__durableTask__hubName';
const CONNECTION_NAME =
  'AzureFunctionsJobHost__extensions__durableTask__storageProvider__connectionName';
const INSTANCE_MANAGEMENT = 'https://aka.ms/durable-functions-instance-management';
const PROVIDER_SPELLINGS = ['Netherite', 'MSSQL', 'AzureManaged'];

export interface DurableConfig {
  readonly store: HubStore;
  readonly hubName: string;
}

/** @throws {DurableError} whose message says, line by line, what is wrong. */
export async function loadDurableConfig(
  flags: CommonFlags,
  output: Output,
): Promise<DurableConfig> {
  const loaded = await load(flags);
  // Who names an account means it, whether anything answers there or not.
  const isNamed = flags.connectionStringSetting !== undefined;
  const store = await findHubStore(isNamed ? { ...loaded, storeSetting: 'named' } : loaded);
  const { config } = store;
  if (flags.verbose === true) for (const notice of config.notices) output.note(notice);
  if (config.connection === undefined && config.localFolder === undefined) {
    throw notSupportedProvider(config.durableTask.storageProvider.type);
  }
  if (config.hostJsonPath === undefined) {
    output.note("Could not find local host metadata file 'host.json'");
  }
  if (store.isAmbiguous && store.reason !== undefined) output.note(store.reason);
  // Core Tools knows no hubs in folders: the name is that of the host.
  if (config.durableTask.isHubNamed || config.localFolder !== undefined) {
    return { store, hubName: config.durableTask.hubName };
  }
  output.note(
    `No task hub is named: using '${DEFAULT_HUB_NAME}', the default of func durable. A host without hubName uses '${config.durableTask.hubName}': set hubName in host.json, or use --task-hub-name.`,
  );
  return { store, hubName: DEFAULT_HUB_NAME };
}

async function load(flags: CommonFlags): Promise<Config> {
  const { taskHubName, connectionStringSetting, storage } = flags;
  try {
    return await loadConfig({
      scriptRoot: folderOf(flags),
      env: {
        ...process.env,
        ...storageOverride(storage),
        ...(taskHubName !== undefined && { [HUB_NAME]: taskHubName }),
        ...(connectionStringSetting !== undefined && {
          [CONNECTION_NAME]: connectionStringSetting,
        }),
      },
      cpuCount: availableParallelism(),
      isLocalByDefault: true,
    });
  } catch (error) {
    throw error instanceof ConfigError ? inOurWords(error, flags) : error;
  }
}

/** Absolute. */
export function folderOf({ scriptRoot, prefix }: CommonFlags): string {
  return path.resolve(scriptRoot ?? prefix ?? '.');
}

function inOurWords(error: ConfigError, flags: CommonFlags): DurableError {
  const provider = error.problems.find((problem) => problem.path.endsWith('storageProvider.type'));
  if (provider?.value !== undefined) return notSupportedProvider(unquoted(provider.value));
  const lines = error.problems.map((problem) => describeProblem(nameOption(problem, flags)));
  const isMissingConnection = error.problems.some(({ message }) =>
    /^The connection '.*' has no app setting\./.test(message),
  );
  return new DurableError(
    'CONFIG',
    [
      ...(isMissingConnection ? ['No storage connection string found.'] : []),
      ...lines,
      'The command failed due to a configuration issue. See previous error messages for details.',
    ].join('\n'),
    { cause: error },
  );
}

/** What came from an option is not the fault of the environment. */
function nameOption(problem: ConfigProblem, flags: CommonFlags): ConfigProblem {
  if (problem.path === HUB_NAME && flags.taskHubName !== undefined) {
    return { ...problem, file: '', path: '--task-hub-name' };
  }
  if (problem.path === CONNECTION_NAME && flags.connectionStringSetting !== undefined) {
    return { ...problem, file: '', path: '--connection-string-setting' };
  }
  return problem;
}

function notSupportedProvider(type: string): NotSupportedError {
  const spelling = PROVIDER_SPELLINGS.find((name) => name.toLowerCase() === type.toLowerCase());
  return new NotSupportedError(
    `The ${spelling ?? type} storage provider for Durable Functions is not yet supported by this command. However, it may be supported by an SDK API or an HTTP API. To learn about alternate ways issue commands for Durable Functions, see ${INSTANCE_MANAGEMENT}.`,
  );
}

function unquoted(value: string): string {
  return value.replace(/^(['"])(.*)\1$/, '$2');
}
