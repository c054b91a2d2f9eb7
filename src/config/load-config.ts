/**
 * Reads everything that configures a host, once: local.settings.json into the environment, host.json with the overrides of
 * the environment, the names that refer to app settings. All problems are collected before one error is thrown.
 */
import { dirname, join, resolve } from 'node:path';
import { canonicalSettingName, findAppSetting, type Environment } from './app-setting.ts';
import { findUpwards, isFolder, readJsonFile } from './config-files.ts';
import { ConfigError, type Findings } from './config-error.ts';
import type { Config } from './config.ts';
import { withEnvironmentOverrides } from './environment-overrides.ts';
import { openHostJson } from './host-json.ts';
import {
  NO_LOCAL_SETTINGS,
  readLocalSettings,
  splitOrigins,
  type CorsSettings,
  type LocalSettings,
} from './local-settings.ts';
import { readHostJson, type HostJsonConfig } from './read-host-json.ts';
import { listenAddress } from './listen-address.ts';
import type { SettingContext } from './setting.ts';
import { emptySection } from './settings-node.ts';

export interface LoadConfigRequest {
  /** The folder of the app. host.json and local.settings.json may also be in a parent of it. */
  readonly scriptRoot: string;
  /** `process.env`. */
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly cpuCount: number;
  /** From the command line; wins over `Host.LocalHttpPort`. */
  readonly explicitPort?: number;
  /** From the command line; they win over `Host.CORS` and `Host.CORSCredentials`. */
  readonly corsOrigins?: string;
  readonly corsCredentials?: boolean;
  /** Without a storage provider and an account: whether the task hub is in a folder, rather than that being a problem. @default false */
  readonly isLocalByDefault?: boolean;
}

/** @throws {ConfigError} that lists every problem */
export async function loadConfig(request: LoadConfigRequest): Promise<Config> {
  const findings: Findings = { problems: [], notices: [] };
  const scriptRoot = resolve(request.scriptRoot);
  if (!(await isFolder(scriptRoot))) {
    const message = 'The script root does not exist, or is not a folder.';
    throw new ConfigError([{ file: scriptRoot, path: '', message }]);
  }
  const hostJsonPath = await findUpwards(scriptRoot, 'host.json');
  const lastFolder = hostJsonPath === undefined ? undefined : dirname(hostJsonPath);
  const localSettingsPath = await findUpwards(scriptRoot, 'local.settings.json', lastFolder);

  const process = definedOnly(request.env);
  const local = await loadLocalSettings(localSettingsPath, contextOf(request, process), findings);
  const environment = addLocalSettings(process, local, findings);
  const context = contextOf(request, environment);

  const file =
    hostJsonPath === undefined
      ? undefined
      : await readJsonFile(
          hostJsonPath,
          `Unable to parse host configuration file '${hostJsonPath}'.`,
          findings,
        );
  if (file === undefined && hostJsonPath !== undefined) {
    // The names of hub and connection are in it: without it nothing true can be said of them.
    throw new ConfigError(findings.problems);
  }
  const noFile = emptySection({ file: join(scriptRoot, 'host.json'), path: '' });
  const root = withEnvironmentOverrides(file ?? noFile, environment);
  const hostJson = openHostJson({ file, root, findings });
  const values = readHostJson({
    hostJson,
    context: { ...context, layout: hostJson.layout },
    environment,
    isEnvironmentComplete: local.isComplete,
    isLocalByDefault: request.isLocalByDefault ?? false,
    findings,
  });
  const listen = listenAddress(process, findings);
  if (findings.problems.length > 0) {
    throw new ConfigError(findings.problems);
  }
  return {
    scriptRoot,
    hostJsonPath,
    localSettingsPath,
    ...values,
    ...foldersOf(values, lastFolder ?? scriptRoot),
    environment,
    localHttp: {
      port: request.explicitPort ?? listen.port ?? local.port,
      address: listen.address ?? local.address,
      cors: corsOf(request, local),
    },
    notices: findings.notices,
  };
}

function foldersOf(
  { storeSetting, durableTask: { storageProvider } }: HostJsonConfig,
  folder: string,
): Pick<Config, 'localFolder' | 'hubsFolder'> {
  const hubsFolder = resolve(folder, storageProvider.path);
  const isLocal = storageProvider.type === 'local' || storeSetting === 'nothing';
  return { hubsFolder, localFolder: isLocal ? hubsFolder : undefined };
}

function corsOf(
  { corsOrigins, corsCredentials }: LoadConfigRequest,
  { cors }: LocalSettings,
): CorsSettings | undefined {
  const allowedOrigins =
    corsOrigins === undefined ? cors?.allowedOrigins : splitOrigins(corsOrigins);
  if (allowedOrigins === undefined) return undefined;
  return { allowedOrigins, allowCredentials: corsCredentials ?? cors?.allowCredentials ?? false };
}

async function loadLocalSettings(
  path: string | undefined,
  context: SettingContext,
  findings: Findings,
): Promise<LocalSettings> {
  if (path === undefined) {
    return NO_LOCAL_SETTINGS;
  }
  const failure = `Failed to read app settings file at '${path}'.`;
  const section = await readJsonFile(path, failure, findings);
  return section === undefined
    ? { ...NO_LOCAL_SETTINGS, isComplete: false }
    : readLocalSettings(section, context, findings);
}

/** What the process was started with wins, whatever the case in which a name is written. */
function addLocalSettings(
  process: Environment,
  local: LocalSettings,
  findings: Findings,
): Environment {
  const inProcess = new Map(
    Object.entries(process).map(([name, value]) => [canonicalSettingName(name), value]),
  );
  const added: [string, string][] = [];
  for (const [name, value] of Object.entries(local.values)) {
    const existing = inProcess.get(canonicalSettingName(name));
    if (existing === undefined) {
      added.push([name, value]);
    } else if (existing !== value) {
      findings.notices.push(
        `Skipping '${name}' from local settings as it's already defined in current environment variables.`,
      );
    }
  }
  return { ...process, ...Object.fromEntries(added) };
}

function contextOf(request: LoadConfigRequest, environment: Environment): SettingContext {
  const sku = findAppSetting(environment, 'WEBSITE_SKU')?.toLowerCase();
  const name = findAppSetting(environment, 'AZURE_FUNCTIONS_ENVIRONMENT') ?? 'Development';
  return {
    cpuCount: request.cpuCount,
    plan:
      sku === 'dynamic'
        ? 'consumption'
        : sku === 'flexconsumption'
          ? 'flexConsumption'
          : 'dedicated',
    isDevelopment: name.toLowerCase() === 'development',
    layout: 'v2',
  };
}

function definedOnly(env: LoadConfigRequest['env']): Environment {
  const defined = Object.entries(env).filter(
    (entry): entry is [string, string] => entry[1] !== undefined,
  );
  return Object.fromEntries(defined);
}
