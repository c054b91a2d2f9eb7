/** What a storage account is opened with: a connection string, or the account's urls and whoever gives out tokens for them. */
import {
  ConnectionStringError,
  parseStorageConnectionString,
  type StorageAccount,
} from '../../base/connection-string.ts';
import { InvalidInputError } from '../../core/errors.ts';

/** Fits the credentials of `@azure/identity`. */
export interface TokenCredential {
  getToken(
    scopes: string | string[],
    options?: { readonly abortSignal?: AbortSignal },
  ): Promise<{ readonly token: string; readonly expiresOnTimestamp: number } | null>;
}

/** Without slashes at the ends. Only the services that are used need a url. */
export interface TokenAccess {
  readonly queueUrl: string | undefined;
  readonly tableUrl: string | undefined;
  readonly blobUrl: string | undefined;
  readonly credential: TokenCredential;
}

export type StorageAccess = string | TokenAccess;

export type OpenableAccount = Omit<TokenAccess, 'credential'> & {
  readonly credential:
    | StorageAccount['credential']
    /** The urls are https: a token is never sent in the open, and the clients refuse to. */
    | { readonly kind: 'token'; readonly source: TokenCredential };
};

/** @throws {InvalidInputError} when the connection string cannot be understood. */
export function openableAccount(access: StorageAccess): OpenableAccount {
  if (typeof access !== 'string') {
    return { ...access, credential: { kind: 'token', source: access.credential } };
  }
  const account = parseAccount(access);
  return {
    queueUrl: account.queueEndpoint,
    tableUrl: account.tableEndpoint,
    blobUrl: account.blobEndpoint,
    credential: account.credential,
  };
}

function parseAccount(connectionString: string): StorageAccount {
  try {
    return parseStorageConnectionString(connectionString);
  } catch (error) {
    if (!(error instanceof ConnectionStringError)) throw error;
    throw new InvalidInputError(`The storage connection string cannot be used: ${error.message}.`, {
      cause: error,
    });
  }
}

/** @throws {InvalidInputError} when the account was opened without this service. */
export function urlOf(account: OpenableAccount, service: 'queue' | 'table' | 'blob'): string {
  const url = account[`${service}Url`];
  if (url !== undefined) return url;
  throw new InvalidInputError(
    `The connection names no ${service} service. Set its '__${service}ServiceUri', or '__accountName'.`,
  );
}
