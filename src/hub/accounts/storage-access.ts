/** Opens what a connection of the configuration names: by its connection string, or by identity. */
import type { StorageAccess } from '../../azure-storage/clients/storage-access.ts';
import { openStorage, type StorageClients } from '../../azure-storage/clients/storage-clients.ts';
import type { Config } from '../../config/config.ts';
import type { StorageConnection } from '../../config/storage-connection.ts';
import { openIdentity } from './identity.ts';

/** @throws {NotSupportedError} for a connection by identity when `@azure/identity` is not installed. */
export function openConnection(
  connection: StorageConnection,
  config: Pick<Config, 'scriptRoot'>,
): StorageClients {
  return openStorage(storageAccess(connection, config), undefined);
}

/** @throws {NotSupportedError} for a connection by identity when `@azure/identity` is not installed. */
export function storageAccess(
  { account, settingName }: StorageConnection,
  { scriptRoot }: Pick<Config, 'scriptRoot'>,
): StorageAccess {
  if ('connectionString' in account) return account.connectionString;
  return {
    blobUrl: account.blobEndpoint,
    queueUrl: account.queueEndpoint,
    tableUrl: account.tableEndpoint,
    credential: openIdentity(account.credential.identity, settingName, scriptRoot),
  };
}
