/**
 * From the name of a connection (`storageProvider.connectionName`, `connection` of a binding) to a storage account: the name
 * `X` stands for the settings `AzureWebJobsX` and `X`. Mirrors StorageServiceClientProvider and WebJobsConfigurationExtensions.
 */
import { InvalidInputError, NotSupportedError } from '../core/errors.ts';
import { canonicalSettingName, findAppSetting, type Environment } from './app-setting.ts';
import { parseStorageConnectionString, type StorageAccount } from './connection-string.ts';

export const STANDARD_CONNECTION = 'AzureWebJobsStorage';

export interface StorageConnection {
  /** As asked for: `Storage`, `AzureWebJobsStorage`, `MyStorage`. */
  readonly name: string;
  /** The setting that it was found in. */
  readonly settingName: string;
  /** For the storage SDKs; `UseDevelopmentStorage=true` written out. A secret. */
  readonly connectionString: string;
  readonly account: StorageAccount;
}

/**
 * @throws {InvalidInputError} when no such setting exists, or its value is no connection string
 * @throws {NotSupportedError} for a connection by identity (`X__accountName` and the like)
 */
export function findStorageConnection(environment: Environment, name: string): StorageConnection {
  if (/[=;]/.test(name)) {
    throw new InvalidInputError(
      'A connection is the name of an app setting, but here it is a connection string itself: put that into an app setting, and its name here.',
    );
  }
  const settingName = settingNamesOf(name).find(
    (candidate) => (findAppSetting(environment, candidate) ?? '') !== '',
  );
  if (settingName === undefined) {
    throw missingConnection(environment, name);
  }
  try {
    const account = parseStorageConnectionString(findAppSetting(environment, settingName) ?? '');
    return { name, settingName, connectionString: account.connectionString, account };
  } catch (error) {
    if (!(error instanceof InvalidInputError)) {
      throw error;
    }
    throw new InvalidInputError(
      `The app setting '${settingName}' does not hold an Azure Storage connection string: ${error.message}.`,
      { cause: error },
    );
  }
}

/** In the order of the lookup; Azure hands connection strings of the portal over with the last prefix. */
function settingNamesOf(name: string): readonly string[] {
  return [`AzureWebJobs${name}`, name].flatMap((setting) => [
    `ConnectionStrings:${setting}`,
    `CUSTOMCONNSTR_${setting}`,
    setting,
  ]);
}

function missingConnection(environment: Environment, name: string): Error {
  const identity = findIdentitySetting(environment, name);
  const remedy = `Set '${name}' to a connection string, in the environment or under Values of local.settings.json`;
  if (identity !== undefined) {
    return new NotSupportedError(
      `The connection '${name}' is one by identity ('${identity}'), which is not supported yet by this version; use a connection string. ${remedy}.`,
    );
  }
  return new InvalidInputError(
    `The connection '${name}' has no app setting. ${remedy}; for storage on this machine: "${name}": "UseDevelopmentStorage=true".`,
  );
}

/** `X__accountName`, `X__queueServiceUri`, `X__credential`, …: any setting below the name. */
function findIdentitySetting(environment: Environment, name: string): string | undefined {
  const prefixes = [`AzureWebJobs${name}`, name].map((prefix) =>
    canonicalSettingName(`${prefix}:`),
  );
  return Object.keys(environment).find((key) =>
    prefixes.some((prefix) => canonicalSettingName(key).startsWith(prefix)),
  );
}
