/** What `func start` is told, and the configuration that it makes together with the files of the app. Loads nothing of the host. */
import { availableParallelism } from 'node:os';
import { ConfigError } from '../../config/config-error.ts';
import type { Config } from '../../config/config.ts';
import { loadConfig } from '../../config/load-config.ts';
import { workerProcessCount } from '../../config/worker-process-count.ts';
import { NO_NODE_ARGUMENTS, type NodeArguments, nodeArgumentsOf } from './node-arguments.ts';
import { type StorageKind, storageOverride } from './storage-option.ts';

export interface StartOptions {
  readonly version: string;
  /** As written; relative to the current folder. */
  readonly scriptRoot: string;
  /** @default Host.LocalHttpPort, or 7071 */
  readonly port?: number;
  /** @default Host.LocalHttpAddress, or 127.0.0.1 */
  readonly address?: string;
  /** @default all */
  readonly functions?: readonly string[];
  /** @default as host.json and the settings say; see host/hub-store.ts */
  readonly storage?: StorageKind;
  readonly verbose: boolean;
  /** Whether all that is said is one JSON object a line. */
  readonly jsonLogs: boolean;
  /** Whether the app restarts when its files change. */
  readonly reload: boolean;
  /** Asks callers for keys. @default only when others than this machine can call */
  readonly enableAuth?: boolean;
  /** Origins, separated by commas. @default Host.CORS */
  readonly cors?: string;
  /** @default Host.CORSCredentials */
  readonly corsCredentials?: boolean;
}

/** What has to be known of an app before the process begins that runs it. */
export interface ProcessNeeds {
  readonly processCount: number;
  readonly nodeArguments: NodeArguments;
}

/** Those of an app that needs nothing where that cannot be found out: whoever starts the app then says why. */
export async function processNeedsOf(options: StartOptions): Promise<ProcessNeeds> {
  try {
    const config = await configOf(options);
    return { processCount: workerProcessCount(config), nodeArguments: nodeArgumentsOf(config) };
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    return { processCount: 1, nodeArguments: NO_NODE_ARGUMENTS };
  }
}

/** @throws {ConfigError} with all that is wrong with it. */
export function configOf(options: StartOptions): Promise<Config> {
  return loadConfig({
    scriptRoot: options.scriptRoot,
    env: overridden(process.env, options),
    cpuCount: availableParallelism(),
    isLocalByDefault: true,
    ...(options.port !== undefined && { explicitPort: options.port }),
    ...(options.cors !== undefined && { corsOrigins: options.cors }),
    ...(options.corsCredentials !== undefined && { corsCredentials: options.corsCredentials }),
  });
}

/** Options that stand for settings, in the form in which the environment overrides host.json. */
function overridden(
  env: NodeJS.ProcessEnv,
  { functions, storage }: StartOptions,
): NodeJS.ProcessEnv {
  return {
    ...env,
    ...storageOverride(storage),
    ...Object.fromEntries(
      (functions ?? []).map((name, index) => [`AzureFunctionsJobHost__functions__${index}`, name]),
    ),
  };
}
