/** Opens the storage that the configuration names; for the emulator of this machine, starts it when nothing answers. */
import path from 'node:path';
import { createAzureStorageBackend } from '../azure-storage/azure-storage-backend.ts';
import { findAppSetting } from '../config/app-setting.ts';
import type { Config } from '../config/config.ts';
import { describeAccount, type StorageConnection } from '../config/storage-connection.ts';
import { BackendUnavailableError } from '../core/errors.ts';
import type { TaskHubBackend } from '../engine/backend.ts';
import { createMemoryBackend } from '../memory/memory-backend.ts';
import { errorText } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import { developmentStorageAnswers, startAzurite, type Azurite } from './azurite.ts';
import { storageAccess } from './storage-access.ts';

export type Emulator = Pick<Azurite, 'died' | 'stop'>;

export type StartEmulator = (options: { readonly location: string }) => Promise<Emulator>;

/** Ours when nothing answered where `UseDevelopmentStorage=true` points to; undefined otherwise. */
export async function startMissingEmulator(
  config: Config,
  say: (line: string) => void,
  start: StartEmulator = startAzurite,
): Promise<Emulator | undefined> {
  if (config.connection?.account.isDevelopmentStorage !== true) return undefined;
  if (await developmentStorageAnswers()) return undefined;
  const location = emulatorFolder(config);
  say(`Nothing answers for UseDevelopmentStorage=true: starting Azurite, data in ${location}`);
  return start({ location });
}

/** Where an emulator that we start has its data. */
export function emulatorFolder(config: Config): string {
  const folder =
    config.hostJsonPath === undefined ? config.scriptRoot : path.dirname(config.hostJsonPath);
  return path.join(folder, '.azurite');
}

export function createBackend(config: Config, log: Logger): TaskHubBackend {
  const { connection, durableTask } = config;
  if (connection === undefined) return createMemoryBackend();
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

/** @throws {BackendUnavailableError} one line that names the hub and the storage account. */
export async function createHub(backend: TaskHubBackend, config: Config): Promise<void> {
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
