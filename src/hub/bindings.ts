/** The bindings of the app to services beside the task hub, with what they share. */
import { blobBinding } from '../bindings/blob-binding.ts';
import { type BlobTriggers, createBlobTriggers } from '../bindings/blob-trigger/blob-triggers.ts';
import { cosmosOutput } from '../bindings/cosmos-output.ts';
import { queueOutput } from '../bindings/queue-output.ts';
import { createQueueTriggers, type QueueTriggers } from '../bindings/queue-triggers.ts';
import { StorageWatcher } from '../bindings/storage-watcher.ts';
import { StorageAccounts } from '../bindings/storage-account.ts';
import { tableBinding } from '../bindings/table-binding.ts';
import type { Config } from '../config/config.ts';
import { findStorageConnection } from '../config/storage-connection.ts';
import type { BindingExtension } from '../function-app/binding-extension.ts';
import type { FunctionApp } from '../function-app/function-app.ts';
import type { Logger } from '../telemetry/log.ts';
import { openCosmosAccount } from './accounts/cosmos-account.ts';
import { hostIdOf } from './host-id.ts';
import { openConnection } from './accounts/storage-access.ts';

export interface HostBindings {
  readonly extensions: readonly BindingExtension[];
  queueTriggers(app: FunctionApp, log: Logger): QueueTriggers;
  blobTriggers(app: FunctionApp, log: Logger): BlobTriggers;
}

export function createBindings(config: Config): HostBindings {
  const accounts = new StorageAccounts((connection, service) =>
    openConnection(findStorageConnection(config.environment, connection, [service]), config),
  );
  const watcher = new StorageWatcher();
  const settings = config.queues;
  return {
    extensions: [
      queueOutput({ accounts, encoding: settings.messageEncoding, watcher }),
      blobBinding(accounts, watcher),
      tableBinding(accounts),
      cosmosOutput((account) => openCosmosAccount(account, config)),
    ],
    queueTriggers: (app, log) => createQueueTriggers({ app, accounts, settings, watcher, log }),
    blobTriggers: (app, log) =>
      createBlobTriggers({
        ...{ app, accounts, watcher, log },
        hostId: hostIdOf(config),
        settings: { ...config.blobs, maxPollingIntervalMs: settings.maxPollingIntervalMs },
      }),
  };
}
