/**
 * Connection strings: lists of `Name=value`, and what those of Azure Storage stand for: an account with its three endpoints
 * and its key or shared access signature, or the emulator (`UseDevelopmentStorage=true`).
 */

/** Its message goes on from "The connection string … ". It repeats no value, because that may be a secret. */
export class ConnectionStringError extends Error {}

export interface StorageAccount {
  /** Absent for a shared access signature with explicit endpoints. */
  readonly accountName: string | undefined;
  readonly credential:
    | { readonly kind: 'key'; readonly accountName: string; readonly accountKey: string }
    | { readonly kind: 'signature'; readonly signature: string };
  /** Without a slash at the end. */
  readonly blobEndpoint: string;
  readonly queueEndpoint: string;
  readonly tableEndpoint: string;
  /** True for the emulator at its own address: what `func start` may start when nothing answers there. */
  readonly isDevelopmentStorage: boolean;
  /** As written. */
  readonly connectionString: string;
}

/** The account of every emulator, published by Microsoft; not a secret. */
const DEVELOPMENT_ACCOUNT_NAME = 'devstoreaccount1';
export const DEVELOPMENT_ACCOUNT_KEY =
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
const DEVELOPMENT_HOST = 'http://127.0.0.1';
const DEVELOPMENT_PORTS = { blob: 10000, queue: 10001, table: 10002 };

const EXPECTED =
  "expected 'UseDevelopmentStorage=true' or 'DefaultEndpointsProtocol=https;AccountName=…;AccountKey=…'";
const BASE64 = /^(?=.)(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

type Service = 'blob' | 'queue' | 'table';
type Fields = ReadonlyMap<string, string>;

/** The values by their names in lower case; undefined for text that is no such list. Keys end in equals signs of their own. */
export function connectionStringFields(text: string): Fields | undefined {
  const fields = new Map<string, string>();
  for (const part of text.split(';').filter((field) => field.trim() !== '')) {
    const equals = part.indexOf('=');
    const name = part.slice(0, Math.max(equals, 0)).trim().toLowerCase();
    if (name === '') return undefined;
    fields.set(name, part.slice(equals + 1).trim());
  }
  return fields;
}

/** @throws {ConnectionStringError} that says what is missing or wrong, without the values. */
export function parseStorageConnectionString(text: string): StorageAccount {
  const fields = connectionStringFields(text);
  if (fields === undefined) {
    throw new ConnectionStringError(`it is not a list of name=value pairs: ${EXPECTED}`);
  }
  if (fields.size === 0) throw new ConnectionStringError(`it is empty: ${EXPECTED}`);
  if (fields.get('usedevelopmentstorage')?.toLowerCase() === 'true') {
    return developmentStorage(text, fields.get('developmentstorageproxyuri'));
  }
  const accountName = fields.get('accountname');
  return {
    accountName,
    credential: credentialOf(fields, accountName),
    blobEndpoint: endpointOf('blob', fields, accountName),
    queueEndpoint: endpointOf('queue', fields, accountName),
    tableEndpoint: endpointOf('table', fields, accountName),
    isDevelopmentStorage: false,
    connectionString: text.trim(),
  };
}

function developmentStorage(text: string, proxyUri: string | undefined): StorageAccount {
  const host = developmentHost(proxyUri ?? DEVELOPMENT_HOST);
  const endpoint = (service: Service): string =>
    `${host}:${DEVELOPMENT_PORTS[service]}/${DEVELOPMENT_ACCOUNT_NAME}`;
  return {
    accountName: DEVELOPMENT_ACCOUNT_NAME,
    credential: {
      kind: 'key',
      accountName: DEVELOPMENT_ACCOUNT_NAME,
      accountKey: DEVELOPMENT_ACCOUNT_KEY,
    },
    blobEndpoint: endpoint('blob'),
    queueEndpoint: endpoint('queue'),
    tableEndpoint: endpoint('table'),
    isDevelopmentStorage: host === DEVELOPMENT_HOST,
    connectionString: text.trim(),
  };
}

/** Scheme and host of the emulator; its ports are fixed. */
function developmentHost(uri: string): string {
  const url = httpUrl('DevelopmentStorageProxyUri', uri);
  return `${url.protocol}//${url.hostname}`;
}

function credentialOf(
  fields: Fields,
  accountName: string | undefined,
): StorageAccount['credential'] {
  const accountKey = fields.get('accountkey') ?? '';
  if (accountKey !== '') {
    if (accountName === undefined || accountName === '') {
      throw new ConnectionStringError('it has an AccountKey but no AccountName');
    }
    if (!BASE64.test(accountKey)) {
      throw new ConnectionStringError(
        'its AccountKey is not Base64 (was it cut, or left as a placeholder?)',
      );
    }
    return { kind: 'key', accountName, accountKey };
  }
  const signature = fields.get('sharedaccesssignature') ?? '';
  if (signature === '') {
    throw new ConnectionStringError(
      `it has neither an AccountKey nor a SharedAccessSignature: ${EXPECTED}`,
    );
  }
  return { kind: 'signature', signature: signature.replace(/^\?/, '') };
}

function endpointOf(service: Service, fields: Fields, accountName: string | undefined): string {
  const name = `${service.charAt(0).toUpperCase()}${service.slice(1)}Endpoint`;
  const explicit = fields.get(name.toLowerCase()) ?? '';
  if (explicit !== '') {
    return httpUrl(name, explicit).href.replace(/\/+$/, '');
  }
  if ((accountName ?? '') === '') {
    throw new ConnectionStringError(`it has neither an AccountName nor a ${name}`);
  }
  const protocol = fields.get('defaultendpointsprotocol') ?? 'https';
  const suffix = fields.get('endpointsuffix') ?? 'core.windows.net';
  const endpoint = `${protocol}://${accountName ?? ''}.${service}.${suffix}`;
  return httpUrl('AccountName', endpoint).href.replace(/\/+$/, '');
}

function httpUrl(field: string, text: string): URL {
  if (!/^https?:/i.test(text) || !URL.canParse(text)) {
    throw new ConnectionStringError(`its ${field} does not make an http or https URL`);
  }
  return new URL(text);
}
