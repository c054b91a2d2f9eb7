/**
 * A storage connection string taken apart once, so that the three clients are built alike. The same forms as in Azure's own
 * clients: account and key, or a shared access signature; endpoints by service, or by suffix; the local emulator.
 */
import { InvalidInputError } from '../../core/errors.ts';

type StorageCredential =
  | { readonly kind: 'key'; readonly accountName: string; readonly accountKey: string }
  | { readonly kind: 'signature'; readonly signature: string };

export interface StorageAccount {
  readonly queueUrl: string;
  readonly tableUrl: string;
  readonly blobUrl: string;
  readonly credential: StorageCredential;
}

/** Account of the emulator; its key is public. */
const EMULATOR_NAME = 'devstoreaccount1';
const EMULATOR_KEY =
  'Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw==';
const EMULATOR_PORTS = { blob: 10_000, queue: 10_001, table: 10_002 } as const;

type Service = keyof typeof EMULATOR_PORTS;

/** @throws {InvalidInputError} says which part is missing; the text itself is never repeated, it may hold a key. */
export function parseConnectionString(text: string): StorageAccount {
  const parts = partsOf(text);
  if (parts.get('usedevelopmentstorage') === 'true') return emulator(parts);
  const signature = parts.get('sharedaccesssignature');
  const accountName = parts.get('accountname');
  const accountKey = parts.get('accountkey');
  if (signature === undefined && (accountName === undefined || accountKey === undefined)) {
    throw new InvalidInputError(
      'The storage connection string needs AccountName and AccountKey, or SharedAccessSignature, or UseDevelopmentStorage=true.',
    );
  }
  return {
    queueUrl: endpoint(parts, 'queue'),
    tableUrl: endpoint(parts, 'table'),
    blobUrl: endpoint(parts, 'blob'),
    credential:
      accountName !== undefined && accountKey !== undefined
        ? { kind: 'key', accountName, accountKey }
        : { kind: 'signature', signature: (signature ?? '').replace(/^\?/, '') },
  };
}

function partsOf(text: string): ReadonlyMap<string, string> {
  const parts = text.split(';').filter((part) => part.trim() !== '');
  return new Map(
    parts.map((part) => {
      const equals = part.indexOf('=');
      if (equals < 1) {
        throw new InvalidInputError(
          'The storage connection string must be a list of Name=Value parts, separated by semicolons.',
        );
      }
      return [part.slice(0, equals).trim().toLowerCase(), part.slice(equals + 1).trim()];
    }),
  );
}

function emulator(parts: ReadonlyMap<string, string>): StorageAccount {
  const proxy = parts.get('developmentstorageproxyuri') ?? 'http://127.0.0.1';
  const url = (service: Service): string =>
    `${proxy.replace(/\/$/, '')}:${EMULATOR_PORTS[service]}/${EMULATOR_NAME}`;
  return {
    queueUrl: url('queue'),
    tableUrl: url('table'),
    blobUrl: url('blob'),
    credential: { kind: 'key', accountName: EMULATOR_NAME, accountKey: EMULATOR_KEY },
  };
}

function endpoint(parts: ReadonlyMap<string, string>, service: Service): string {
  const explicit = parts.get(`${service}endpoint`);
  if (explicit !== undefined) return explicit.replace(/\/$/, '');
  const accountName = parts.get('accountname');
  if (accountName === undefined) {
    throw new InvalidInputError(
      `The storage connection string needs AccountName or ${service[0]?.toUpperCase()}${service.slice(1)}Endpoint.`,
    );
  }
  const protocol = parts.get('defaultendpointsprotocol') ?? 'https';
  const suffix = parts.get('endpointsuffix') ?? 'core.windows.net';
  return `${protocol}://${accountName}.${service}.${suffix}`;
}
