/** Options for a backend on the shared Azurite, with a hub of its own. */
import type { AzureStorageBackendOptions } from '../../src/azure-storage/azure-storage-backend.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';

export function azureOptions(
  changes: Partial<AzureStorageBackendOptions> = {},
): AzureStorageBackendOptions {
  return {
    account: azuriteConnectionString(),
    taskHub: freshHubName(),
    partitionCount: 4,
    controlQueueBatchSize: 32,
    controlQueueVisibilityTimeoutMs: 300_000,
    workItemQueueVisibilityTimeoutMs: 300_000,
    maxQueuePollingIntervalMs: 500,
    messageEncoding: 'UTF8',
    storeInputsInHistory: false,
    log: silentLogger,
    ...changes,
  };
}
