/** From the opened host.json and the environment to the values of the configuration. */
import { DurableError } from '../core/errors.ts';
import type { Environment } from './app-setting.ts';
import type { Findings } from './config-error.ts';
import type { Config } from './config.ts';
import { durableTaskSettings } from './durable-task-settings.ts';
import type { HostJson } from './host-json.ts';
import { blobSettings, httpSettings, queueSettings, rootSettings } from './host-settings.ts';
import { resolveHubName, STANDARD_HUB_NAME } from './hub-name.ts';
import { checkPartitionSharing } from './partition-sharing.ts';
import { readSettings } from './setting-tree.ts';
import { findDeclared, type SettingContext } from './setting.ts';
import { findSetting, type Origin } from './settings-node.ts';
import {
  findStorageConnection,
  isConnectionSet,
  STANDARD_CONNECTION,
  type StorageConnection,
} from './storage-connection.ts';
import { reportUnknownSettings } from './unknown-settings.ts';

const PROVIDER_PATH = durableTaskSettings.storageProvider.type.path.toLowerCase();

export type HostJsonConfig = Pick<
  Config,
  | 'layout'
  | 'http'
  | 'queues'
  | 'blobs'
  | 'functionTimeoutMs'
  | 'functionsAllowList'
  | 'isFileWatchingEnabled'
  | 'watchDirectories'
  | 'watchFiles'
  | 'logLevels'
  | 'durableTask'
  | 'connection'
  | 'storeSetting'
>;

export interface ReadHostJsonRequest {
  readonly hostJson: HostJson;
  readonly context: SettingContext;
  readonly environment: Environment;
  /** False when local.settings.json could not be read: then a missing app setting proves nothing. */
  readonly isEnvironmentComplete: boolean;
  /** See LoadConfigRequest. */
  readonly isLocalByDefault: boolean;
  readonly findings: Findings;
}

export function readHostJson(request: ReadHostJsonRequest): HostJsonConfig {
  const { hostJson, context, findings } = request;
  const section = hostJson.durableTask;
  const durableTask = readSettings(durableTaskSettings, { section, context, findings });
  const { storageProvider } = durableTask;
  // What an app has set for another provider is no further mistake of its own.
  const isOtherProvider = findings.problems.some(({ path }) =>
    path.toLowerCase().endsWith(PROVIDER_PATH),
  );
  reportUnknownSettings(
    section,
    durableTaskSettings,
    findings,
    (path) => isOtherProvider && path.startsWith('storageprovider.'),
  );
  if (storageProvider.controlQueueBatchSize > storageProvider.controlQueueBufferThreshold) {
    findings.notices.push(
      'ControlQueueBatchSize cannot be larger than ControlQueueBufferThreshold. Please adjust these values in your `host.json` settings for predictable performance',
    );
  }
  if (!isOtherProvider) checkPartitionSharing(section, storageProvider, findings);
  if (durableTask.managementApi !== 'on' && !durableTask.localRpcEndpointEnabled) {
    findings.notices.push(
      `managementApi is '${durableTask.managementApi}', and localRpcEndpointEnabled is false: the durable client of the app calls the management API, and gets no further than other callers.`,
    );
  }
  const http = readSettings(httpSettings, { section: hostJson.http, context, findings });
  const queues = readSettings(queueSettings, { section: hostJson.queues, context, findings });
  return {
    layout: hostJson.layout,
    http: { ...http, routePrefix: http.routePrefix.replaceAll(/^\/+|\/+$/g, '') },
    queues: {
      ...queues,
      newBatchThreshold:
        queues.newBatchThreshold < 0 ? Math.floor(queues.batchSize / 2) : queues.newBatchThreshold,
    },
    blobs: readSettings(blobSettings, { section: hostJson.blobs, context, findings }),
    ...readSettings(rootSettings, { section: hostJson.root, context, findings }),
    logLevels: hostJson.logLevels,
    durableTask: {
      ...durableTask,
      hubName: readHubName(durableTask.hubName, request),
      isHubNamed: durableTask.hubName !== undefined,
    },
    ...(storageProvider.type === 'AzureStorage' && !isOtherProvider
      ? readAccount(storageProvider.connectionName, request)
      : { connection: undefined, storeSetting: 'named' }),
  };
}

function readAccount(
  connectionName: string | undefined,
  request: ReadHostJsonRequest,
): Pick<HostJsonConfig, 'connection' | 'storeSetting'> {
  const { hostJson, environment, isEnvironmentComplete, isLocalByDefault } = request;
  const isProviderNamed =
    findDeclared(hostJson.durableTask, durableTaskSettings.storageProvider.type).length > 0;
  const isNothingNamed =
    !isProviderNamed &&
    connectionName === undefined &&
    isEnvironmentComplete &&
    !isConnectionSet(environment, STANDARD_CONNECTION);
  if (isLocalByDefault && isNothingNamed) {
    return { connection: undefined, storeSetting: 'nothing' };
  }
  const connection = readConnection(connectionName, request);
  const isEmulator = !isProviderNamed && connection?.account.isDevelopmentStorage === true;
  return { connection, storeSetting: isEmulator ? 'emulator' : 'named' };
}

function readHubName(configured: string | undefined, request: ReadHostJsonRequest): string {
  const { durableTask, layout } = request.hostJson;
  const origin = findSetting(durableTask, 'hubName')?.origin;
  const hubName = orProblem(
    () => resolveHubName(configured, request.environment),
    origin ?? { file: durableTask.origin.file, path: 'hubName' },
    request,
  );
  if (hubName !== undefined && configured === undefined && layout === 'v1') {
    request.findings.notices.push(
      `${durableTask.origin.file}: no HubName; the task hub is '${hubName}'. Extension 1.x used 'DurableFunctionsHub': set HubName to that to go on with its instances.`,
    );
  }
  return hubName ?? STANDARD_HUB_NAME;
}

function readConnection(
  configured: string | undefined,
  request: ReadHostJsonRequest,
): StorageConnection | undefined {
  const name = configured ?? STANDARD_CONNECTION;
  const origin = findDeclared(
    request.hostJson.durableTask,
    durableTaskSettings.storageProvider.connectionName,
  )[0]?.node.origin;
  return orProblem(
    () => findStorageConnection(request.environment, name),
    origin ?? { file: 'environment', path: name },
    request,
  );
}

/** Turns what a resolver throws into a problem at the given place. */
function orProblem<T>(
  resolve: () => T,
  place: Origin,
  { findings, isEnvironmentComplete }: ReadHostJsonRequest,
): T | undefined {
  try {
    return resolve();
  } catch (error) {
    if (!(error instanceof DurableError)) {
      throw error;
    }
    if (isEnvironmentComplete) {
      findings.problems.push({ ...place, message: error.message });
    }
    return undefined;
  }
}
