/**
 * Connections by identity: instead of a connection string, settings below the connection's name say which account
 * (`X__accountName`, `X__blobServiceUri`, …) and who signs in (`X__credential`, `X__clientId`, …). Mirrors the TryGetServiceUri
 * methods of the storage client providers, and ClientFactory.CreateCredential of Microsoft.Extensions.Azure.
 */
import { InvalidInputError, NotSupportedError } from '../core/errors.ts';
import { findAppSetting, type Environment } from './app-setting.ts';

export type StorageService = 'blob' | 'queue' | 'table';

export const STORAGE_SERVICES: readonly StorageService[] = ['blob', 'queue', 'table'];

/** Who asks for tokens. */
export type Identity =
  /** Whoever is signed in, or whatever identity the surroundings give. */
  | {
      readonly kind: 'default';
      readonly tenantId: string | undefined;
      readonly clientId: string | undefined;
    }
  | {
      readonly kind: 'managedIdentity';
      readonly clientId: string | undefined;
      readonly resourceId: string | undefined;
    }
  | {
      readonly kind: 'clientSecret';
      readonly tenantId: string;
      readonly clientId: string;
      readonly clientSecret: string;
    };

export interface IdentityAccount {
  /** Absent when the endpoints are given by themselves. */
  readonly accountName: string | undefined;
  readonly credential: { readonly kind: 'identity'; readonly identity: Identity };
  /** Without a slash at the end; undefined for a service that no setting names. */
  readonly blobEndpoint: string | undefined;
  readonly queueEndpoint: string | undefined;
  readonly tableEndpoint: string | undefined;
  readonly isDevelopmentStorage: false;
}

/** What a setting below the connection's name may be called. */
const MEMBERS = [
  'accountName',
  'serviceUri',
  'blobServiceUri',
  'queueServiceUri',
  'tableServiceUri',
  'credential',
  'clientId',
  'clientSecret',
  'tenantId',
  'managedIdentityResourceId',
  'certificate',
] as const;

type Member = (typeof MEMBERS)[number];
type Members = Readonly<Partial<Record<Member, string>>>;

/**
 * The account of the settings below `settingName`; undefined when there are none.
 * @throws {InvalidInputError | NotSupportedError} that names the setting; never with its value, if that is secret.
 */
export function findIdentityAccount(
  environment: Environment,
  settingName: string,
): IdentityAccount | undefined {
  const members = readMembers(environment, settingName);
  if (Object.keys(members).length === 0) return undefined;
  const endpoint = (service: StorageService): string | undefined =>
    endpointOf(service, members, settingName);
  const account: IdentityAccount = {
    accountName: members.accountName,
    credential: { kind: 'identity', identity: identityOf(members, settingName) },
    blobEndpoint: endpoint('blob'),
    queueEndpoint: endpoint('queue'),
    tableEndpoint: endpoint('table'),
    isDevelopmentStorage: false,
  };
  return account;
}

/** @throws {InvalidInputError} when the account lacks one of the services; the message names the settings to add. */
export function checkServices(
  account: Pick<IdentityAccount, `${StorageService}Endpoint`>,
  services: readonly StorageService[],
  settingName: string,
): void {
  const missing = services.filter((service) => account[`${service}Endpoint`] === undefined);
  if (missing.length === 0) return;
  const settings = missing.map((service) => `'${settingName}__${service}ServiceUri'`).join(', ');
  throw new InvalidInputError(
    `The connection '${settingName}' is one by identity, but does not say where to find: ${missing.join(', ')} service. Set '${settingName}__accountName', or ${settings}.`,
  );
}

/**
 * Who signs in for a connection whose address other settings give.
 * @throws {InvalidInputError | NotSupportedError} that names the setting.
 */
export function findIdentity(environment: Environment, settingName: string): Identity {
  return identityOf(readMembers(environment, settingName), settingName);
}

function readMembers(environment: Environment, settingName: string): Members {
  return Object.fromEntries(
    MEMBERS.flatMap((member) => {
      const value = findAppSetting(environment, `${settingName}__${member}`)?.trim() ?? '';
      return value === '' ? [] : [[member, value]];
    }),
  );
}

/** `serviceUri` is whichever service the connection is used for. */
function endpointOf(
  service: StorageService,
  members: Members,
  settingName: string,
): string | undefined {
  const member = `${service}ServiceUri` as const;
  const uri = members[member] ?? members.serviceUri;
  if (uri !== undefined) {
    const setting = `${settingName}__${members[member] === undefined ? 'serviceUri' : member}`;
    return parseUri(uri, setting, service);
  }
  const { accountName } = members;
  if (accountName === undefined) return undefined;
  if (!/^[a-z0-9]{3,24}$/.test(accountName)) {
    throw new InvalidInputError(
      `The app setting '${settingName}__accountName' is '${accountName}', which cannot be a storage account: those have 3 to 24 lower-case letters and digits. For an address of its own set '${settingName}__${member}'.`,
    );
  }
  return `https://${accountName}.${service}.core.windows.net`;
}

/** Tokens go over https only; signatures in the query belong to another kind of connection. */
function parseUri(text: string, settingName: string, service: StorageService): string {
  if (/^https:\/\/[^?#]+$/i.test(text) && URL.canParse(text)) {
    return new URL(text).href.replace(/\/+$/, '');
  }
  throw new InvalidInputError(
    `The app setting '${settingName}' must be an https URL without a query, such as 'https://myaccount.${service}.core.windows.net'.`,
  );
}

function identityOf(members: Members, settingName: string): Identity {
  const { credential, clientId, tenantId, clientSecret } = members;
  if (members.certificate !== undefined) {
    throw new NotSupportedError(
      `The app setting '${settingName}__certificate' asks to sign in with a certificate, which this host cannot. Use '${settingName}__clientSecret', or a managed identity, or leave all of them out and set AZURE_CLIENT_CERTIFICATE_PATH, which @azure/identity reads.`,
    );
  }
  if (credential !== undefined) {
    if (credential.toLowerCase() !== 'managedidentity') {
      throw new NotSupportedError(
        `The app setting '${settingName}__credential' is '${credential}', but this host knows 'managedidentity' only. Leave it out to sign in with whatever @azure/identity finds.`,
      );
    }
    const resourceId = members.managedIdentityResourceId;
    return { kind: 'managedIdentity', clientId, resourceId };
  }
  if (clientSecret === undefined) return { kind: 'default', tenantId, clientId };
  if (tenantId === undefined || clientId === undefined) {
    throw new InvalidInputError(
      `The app setting '${settingName}__clientSecret' needs '${settingName}__tenantId' and '${settingName}__clientId' beside it.`,
    );
  }
  return { kind: 'clientSecret', tenantId, clientId, clientSecret };
}
