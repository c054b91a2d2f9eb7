/**
 * From the name of a connection (`storageProvider.connectionName`, `connection` of a binding) to a storage account: the name
 * `X` stands for the settings `AzureWebJobsX` and `X`, and for those below them (`X__accountName`) when it is a connection by
 * identity. Mirrors StorageServiceClientProvider and WebJobsConfigurationExtensions.
 */
import {
  ConnectionStringError,
  parseStorageConnectionString,
  type StorageAccount,
} from '../base/connection-string.ts';
import { InvalidInputError } from '../core/errors.ts';
import { findAppSetting, type Environment } from './app-setting.ts';
import {
  checkServices,
  findIdentityAccount,
  STORAGE_SERVICES,
  type IdentityAccount,
  type StorageService,
} from './identity-connection.ts';

export const STANDARD_CONNECTION = 'AzureWebJobsStorage';

export interface StorageConnection {
  /** As asked for: `Storage`, `AzureWebJobsStorage`, `MyStorage`. */
  readonly name: string;
  /** The setting that it was found in, or below. */
  readonly settingName: string;
  readonly account: StorageAccount | IdentityAccount;
}

/**
 * @param services that the account must have. @default all
 * @throws {InvalidInputError} when no such setting exists, or its value is no connection string
 * @throws {NotSupportedError} for a way to sign in that this host does not have
 */
export function findStorageConnection(
  environment: Environment,
  name: string,
  services: readonly StorageService[] = STORAGE_SERVICES,
): StorageConnection {
  if (/[=;]/.test(name)) {
    throw new InvalidInputError(
      'A connection is the name of an app setting, but here it is a connection string itself: put that into an app setting, and its name here.',
    );
  }
  for (const section of [`AzureWebJobs${name}`, name]) {
    const account =
      findConnectionString(environment, section) ?? findIdentity(environment, section, services);
    if (account !== undefined) return { name, ...account };
  }
  throw new InvalidInputError(
    `The connection '${name}' has no app setting. Set '${name}' to a connection string, in the environment or under Values of local.settings.json; for storage on this machine: "${name}": "UseDevelopmentStorage=true".`,
  );
}

/** Whether there is any setting for the connection, right or wrong. */
export function isConnectionSet(environment: Environment, name: string): boolean {
  return [`AzureWebJobs${name}`, name].some(
    (section) =>
      connectionStringSetting(environment, section) !== undefined ||
      findIdentityAccount(environment, section) !== undefined,
  );
}

/** `devstoreaccount1 (127.0.0.1:10001)`; never a key. */
export function describeAccount({ account }: StorageConnection): string {
  const endpoint = account.queueEndpoint ?? account.blobEndpoint ?? account.tableEndpoint;
  const host = endpoint === undefined ? 'unknown' : new URL(endpoint).host;
  return account.accountName === undefined ? host : `${account.accountName} (${host})`;
}

type Found = Omit<StorageConnection, 'name'>;

/** In the order of the lookup; Azure hands connection strings of the portal over with the last prefix. */
function connectionStringSetting(environment: Environment, section: string): string | undefined {
  const names = [`ConnectionStrings:${section}`, `CUSTOMCONNSTR_${section}`, section];
  return names.find((name) => (findAppSetting(environment, name) ?? '') !== '');
}

function findConnectionString(environment: Environment, section: string): Found | undefined {
  const settingName = connectionStringSetting(environment, section);
  if (settingName === undefined) return undefined;
  try {
    const text = findAppSetting(environment, settingName) ?? '';
    return { settingName, account: parseStorageConnectionString(text) };
  } catch (error) {
    if (!(error instanceof ConnectionStringError)) throw error;
    throw new InvalidInputError(
      `The app setting '${settingName}' does not hold an Azure Storage connection string: ${error.message}.`,
      { cause: error },
    );
  }
}

function findIdentity(
  environment: Environment,
  section: string,
  services: readonly StorageService[],
): Found | undefined {
  const account = findIdentityAccount(environment, section);
  if (account === undefined) return undefined;
  checkServices(account, services, section);
  return { settingName: section, account };
}
