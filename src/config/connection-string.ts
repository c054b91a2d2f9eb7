/**
 * Azure Storage connection strings: an account with its three endpoints and its key or shared access signature, or the
 * emulator (`UseDevelopmentStorage=true`). Messages never repeat a value, because it may hold a secret.
 */
import { InvalidInputError } from '../core/errors.ts';

export interface StorageAccount {
  /** Absent for a shared access signature with explicit endpoints. */
  readonly accountName: string | undefined;
  readonly credential:
    | { readonly kind: 'key'; readonly accountKey: string }
    | { readonly kind: 'sharedAccessSignature'; readonly signature: string };
  /** Without a slash at the end. */
  readonly blobEndpoint: string;
  readonly queueEndpoint: string;
  readonly tableEndpoint: string;
  /** True for the emulator at its own address: what `func start` may start when nothing answers there. */
  readonly isDevelopmentStorage: boolean;
  /** What the storage SDKs are given: as written, or for the emulator in full. */
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
const BASE64 = /^(?:[A-Za-z0-9+/]{4})+(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;

type Service = 'blob' | 'queue' | 'table';
type Fields = ReadonlyMap<string, string>;

/** @throws {InvalidInputError} that says what is missing or wrong, without the values. */
export function parseStorageConnectionString(text: string): StorageAccount {
  const fields = parseFields(text);
  if (fields.get('usedevelopmentstorage')?.toLowerCase() === 'true') {
    return developmentStorage(fields.get('developmentstorageproxyuri'));
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

function parseFields(text: string): Fields {
  const fields = new Map<string, string>();
  for (const part of text.split(';').map((field) => field.trim())) {
    if (part === '') {
      continue;
    }
    const equals = part.indexOf('=');
    if (equals < 1) {
      throw new InvalidInputError(`it is not a list of name=value pairs: ${EXPECTED}`);
    }
    fields.set(part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).trim());
  }
  if (fields.size === 0) {
    throw new InvalidInputError(`it is empty: ${EXPECTED}`);
  }
  return fields;
}

function developmentStorage(proxyUri: string | undefined): StorageAccount {
  const host = developmentHost(proxyUri ?? DEVELOPMENT_HOST);
  const endpoint = (service: Service): string =>
    `${host}:${DEVELOPMENT_PORTS[service]}/${DEVELOPMENT_ACCOUNT_NAME}`;
  const endpoints = {
    blobEndpoint: endpoint('blob'),
    queueEndpoint: endpoint('queue'),
    tableEndpoint: endpoint('table'),
  };
  return {
    accountName: DEVELOPMENT_ACCOUNT_NAME,
    credential: { kind: 'key', accountKey: DEVELOPMENT_ACCOUNT_KEY },
    ...endpoints,
    isDevelopmentStorage: host === DEVELOPMENT_HOST,
    connectionString: [
      `DefaultEndpointsProtocol=${host.slice(0, host.indexOf(':'))}`,
      `AccountName=${DEVELOPMENT_ACCOUNT_NAME}`,
      `AccountKey=${DEVELOPMENT_ACCOUNT_KEY}`,
      `BlobEndpoint=${endpoints.blobEndpoint}`,
      `QueueEndpoint=${endpoints.queueEndpoint}`,
      `TableEndpoint=${endpoints.tableEndpoint}`,
      '',
    ].join(';'),
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
    if ((accountName ?? '') === '') {
      throw new InvalidInputError('it has an AccountKey but no AccountName');
    }
    if (!BASE64.test(accountKey)) {
      throw new InvalidInputError(
        'its AccountKey is not Base64: was it cut or left as a placeholder?',
      );
    }
    return { kind: 'key', accountKey };
  }
  const signature = fields.get('sharedaccesssignature') ?? '';
  if (signature === '') {
    throw new InvalidInputError(
      `it has neither an AccountKey nor a SharedAccessSignature: ${EXPECTED}`,
    );
  }
  return { kind: 'sharedAccessSignature', signature: signature.replace(/^\?/, '') };
}

function endpointOf(service: Service, fields: Fields, accountName: string | undefined): string {
  const name = `${service.charAt(0).toUpperCase()}${service.slice(1)}Endpoint`;
  const explicit = fields.get(name.toLowerCase()) ?? '';
  if (explicit !== '') {
    return httpUrl(name, explicit).href.replace(/\/+$/, '');
  }
  if ((accountName ?? '') === '') {
    throw new InvalidInputError(`it has neither an AccountName nor a ${name}`);
  }
  const protocol = fields.get('defaultendpointsprotocol') ?? 'https';
  const suffix = fields.get('endpointsuffix') ?? 'core.windows.net';
  const endpoint = `${protocol}://${accountName ?? ''}.${service}.${suffix}`;
  return httpUrl('AccountName', endpoint).href.replace(/\/+$/, '');
}

function httpUrl(field: string, text: string): URL {
  if (!/^https?:/i.test(text) || !URL.canParse(text)) {
    throw new InvalidInputError(`its ${field} does not make an http or https URL`);
  }
  return new URL(text);
}
