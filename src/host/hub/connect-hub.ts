/**
 * A task hub as the configuration names it: the backend on its storage, and a client. For the host, for hubs that the app
 * uses beside its own, and for commands that use a hub without a host. Opens nothing yet: the first request does.
 */
import { randomUUID } from 'node:crypto';
import { createAzureStorageBackend } from '../../azure-storage/azure-storage-backend.ts';
import { AZURE_STORAGE_LIMITS } from '../../azure-storage/limits.ts';
import { findAppSetting } from '../../config/app-setting.ts';
import type { Config } from '../../config/config.ts';
import { describeAccount, type StorageConnection } from '../../config/storage-connection.ts';
import { BackendUnavailableError } from '../../core/errors.ts';
import type { Ambient } from '../../engine/ambient.ts';
import type { TaskHubBackend, TaskHubClientBackend } from '../../engine/backend.ts';
import { TaskHubClient } from '../../engine/task-hub-client.ts';
import { createMemoryBackend } from '../../memory/memory-backend.ts';
import { errorText } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import { storageAccess } from '../storage-access.ts';

/** The clock of the system, and random ids. */
export const ambient: Ambient = {
  now: Date.now,
  newId: () => randomUUID().replaceAll('-', ''),
};

export interface ConnectedHub {
  /** Not started. */
  readonly backend: TaskHubBackend;
  readonly client: TaskHubClient;
  /** Creates the hub when it is not there. @throws {BackendUnavailableError} one line that names the hub and its place. */
  readonly create: () => Promise<void>;
}

/** @throws {NotSupportedError} for a connection by identity when `@azure/identity` is not installed. */
export function connectHub(config: Config, log: Logger): ConnectedHub {
  const backend = createBackend(config, log);
  return {
    backend,
    client: createClient(backend, config, log),
    create: () => createHub(backend, config),
  };
}

/** The client of the hub over any backend: one that is decorated, too. */
export function createClient(
  backend: TaskHubClientBackend,
  config: Config,
  log: Logger,
): TaskHubClient {
  const { hubName, overridableExistingInstanceStates, defaultVersion } = config.durableTask;
  return new TaskHubClient({
    backend,
    ambient,
    log,
    taskHub: hubName,
    overridableStates: overridableExistingInstanceStates,
    defaultVersion: defaultVersion ?? null,
    entityMessageReorderWindowMs: config.durableTask.entityMessageReorderWindowInMinutes * 60_000,
  });
}

export function createBackend(config: Config, log: Logger): TaskHubBackend {
  const { connection, durableTask } = config;
  // An app that is tried out in memory meets the limits of the storage that it is made for.
  if (connection === undefined) return createMemoryBackend({ limits: AZURE_STORAGE_LIMITS });
  const { storageProvider } = durableTask;
  return createAzureStorageBackend({
    account: storageAccess(connection, config),
    taskHub: durableTask.hubName,
    partitionCount: storageProvider.partitionCount,
    controlQueueBatchSize: storageProvider.controlQueueBatchSize,
    controlQueueBufferThreshold: storageProvider.controlQueueBufferThreshold,
    controlQueueVisibilityTimeoutMs: storageProvider.controlQueueVisibilityTimeoutMs,
    workItemQueueVisibilityTimeoutMs: storageProvider.workItemQueueVisibilityTimeoutMs,
    maxQueuePollingIntervalMs: storageProvider.maxQueuePollingIntervalMs,
    messageEncoding: storageProvider.queueClientMessageEncoding,
    partitions: {
      leaseIntervalMs: storageProvider.leaseIntervalMs,
      acquireIntervalMs: storageProvider.leaseAcquireIntervalMs,
      operationTimeoutMs: storageProvider.partitionTableOperationTimeoutMs,
    },
    storeInputsInHistory: durableTask.storeInputsInOrchestrationHistory,
    appLease: durableTask.useAppLease
      ? {
          appName: findAppSetting(config.environment, 'WEBSITE_SITE_NAME') ?? '',
          ...durableTask.appLeaseOptions,
        }
      : undefined,
    log,
  });
}

/**
 * The configuration of a hub whose storage was asked how many partitions it has.
 * @param stored undefined leaves the number of the configuration.
 */
export function withPartitionCount(config: Config, stored: number | undefined): Config {
  if (stored === undefined) return config;
  const { durableTask } = config;
  const storageProvider = { ...durableTask.storageProvider, partitionCount: stored };
  return { ...config, durableTask: { ...durableTask, storageProvider } };
}

async function createHub(backend: TaskHubBackend, config: Config): Promise<void> {
  try {
    await backend.createHub();
  } catch (error) {
    const { hubName } = config.durableTask;
    const where = config.connection === undefined ? 'memory' : placeOf(config.connection);
    throw new BackendUnavailableError(
      `The task hub '${hubName}' cannot be opened in ${where}: ${errorText(error)}`,
      { cause: error },
    );
  }
}

function placeOf(connection: StorageConnection): string {
  return `the storage account of ${connection.settingName}: ${describeAccount(connection)}`;
}
