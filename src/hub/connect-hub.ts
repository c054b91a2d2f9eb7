/**
 * A task hub as the configuration names it: the backend on its storage, and a client. For the host, for hubs that the app
 * uses beside its own, and for commands that use a hub without a host. Opens nothing yet: the first request does.
 */
import { randomUUID } from 'node:crypto';
import { createAzureStorageBackend } from '../azure-storage/azure-storage-backend.ts';
import type { PartitionWay } from '../azure-storage/partitions/partition-options.ts';
import { AZURE_STORAGE_LIMITS } from '../azure-storage/limits.ts';
import { findAppSetting } from '../config/app-setting.ts';
import type { Config } from '../config/config.ts';
import { describeAccount, type StorageConnection } from '../config/storage-connection.ts';
import { BackendUnavailableError, DurableError } from '../core/errors.ts';
import type { Ambient } from '../engine/ambient.ts';
import type { TaskHubBackend, TaskHubClientBackend } from '../engine/backend.ts';
import type { MovableTaskHubBackend } from '../engine/hub-archive.ts';
import { TaskHubClient } from '../engine/task-hub-client.ts';
import { createLocalBackend } from '../local/local-backend.ts';
import { createMemoryBackend } from '../memory/memory-backend.ts';
import { errorText } from '../telemetry/log-events.ts';
import type { HubMetrics } from '../telemetry/hub-metrics.ts';
import type { Logger } from '../telemetry/log.ts';
import { storageAccess } from './accounts/storage-access.ts';
import { tracingOf } from './tracing.ts';
import { Doorbell } from '../azure-storage/wake-ups/doorbell.ts';

/** The clock of the system, and random ids. */
export const ambient: Ambient = {
  now: Date.now,
  newId: () => randomUUID().replaceAll('-', ''),
};

export interface ConnectedHub {
  /** Not started. */
  readonly backend: MovableTaskHubBackend;
  readonly client: TaskHubClient;
  /** Has `backend` look for messages of others. Nobody can ring before the caller says where. */
  readonly doorbell: Doorbell;
  /** Creates the hub when it is not there. @throws {BackendUnavailableError} one line that names the hub and its place. */
  readonly create: () => Promise<void>;
}

/** @throws {NotSupportedError} for a connection by identity when `@azure/identity` is not installed. */
export function connectHub(config: Config, log: Logger, metrics?: HubMetrics): ConnectedHub {
  const doorbell = new Doorbell();
  const backend = createBackend(config, log, doorbell, metrics);
  return {
    backend,
    doorbell,
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
    tracing: tracingOf(config),
    overridableStates: overridableExistingInstanceStates,
    defaultVersion: defaultVersion ?? null,
    entityMessageReorderWindowMs: config.durableTask.entityMessageReorderWindowInMinutes * 60_000,
    purgeIgnoresOpenStatuses: config.durableTask.purgeIgnoresOpenStatuses,
  });
}

/**
 * Which storage a hub has: the only place that knows.
 * @param doorbell where others tell this process of messages for it; without it, it only tells others. Hubs in a folder
 *   have one of their own.
 */
export function createBackend(
  config: Config,
  log: Logger,
  doorbell: Doorbell = new Doorbell(),
  metrics?: HubMetrics,
): MovableTaskHubBackend {
  const { connection, durableTask, localFolder } = config;
  if (localFolder !== undefined) {
    return createLocalBackend({ path: localFolder, taskHub: durableTask.hubName, log });
  }
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
      way: partitionWay(config),
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
    doorbell,
    log,
    onAnswer:
      metrics &&
      ((kind, operation, status) => {
        metrics.storageRequest(kind, operation, status);
      }),
  });
}

/** How workers of the configuration share the partitions of their hub in Azure Storage. */
export function partitionWay({ durableTask: { storageProvider } }: Config): PartitionWay {
  if (storageProvider.useTablePartitionManagement) return 'table';
  return storageProvider.useLegacyPartitionManagement ? 'legacyLeases' : 'leases';
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
    // It names hub and folder.
    if (config.localFolder !== undefined && error instanceof DurableError) throw error;
    const { hubName } = config.durableTask;
    throw new BackendUnavailableError(
      `The task hub '${hubName}' cannot be opened in ${describeStore(config)}: ${errorText(error)}`,
      { cause: error },
    );
  }
}

/** Where hubs of the configuration are, for people; never a key. */
export function describeStore({ connection, localFolder }: Config): string {
  if (localFolder !== undefined) return `the folder ${localFolder}`;
  return connection === undefined ? 'memory' : placeOf(connection);
}

function placeOf(connection: StorageConnection): string {
  return `the storage account of ${connection.settingName}: ${describeAccount(connection)}`;
}
