/** What a storage account is opened with: a connection string, or the account's urls and whoever gives out tokens for them. */
import { InvalidInputError } from '../../core/errors.ts';
import { parseConnectionString, type StorageAccount } from './connection-string.ts';

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

/** The urls are https: a token is never sent in the open, and the clients refuse to. */
export type OpenableAccount =
  | StorageAccount
  | (Omit<TokenAccess, 'credential'> & {
      readonly credential: { readonly kind: 'token'; readonly source: TokenCredential };
    });

/** @throws {InvalidInputError} when the connection string cannot be understood. */
export function openableAccount(access: StorageAccess): OpenableAccount {
  if (typeof access === 'string') return parseConnectionString(access);
  return { ...access, credential: { kind: 'token', source: access.credential } };
}

/** @throws {InvalidInputError} when the account was opened without this service. */
export function urlOf(account: OpenableAccount, service: 'queue' | 'table' | 'blob'): string {
  const url = account[`${service}Url`];
  if (url !== undefined) return url;
  throw new InvalidInputError(
    `The connection names no ${service} service. Set its '__${service}ServiceUri', or '__accountName'.`,
  );
}
