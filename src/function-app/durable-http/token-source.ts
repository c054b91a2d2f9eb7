/** `tokenSource` of a durable HTTP request → the token to ask for. Mirrors TokenSourceConverter and ManagedIdentityTokenSource. */
import { InvalidInputError, NotSupportedError } from '../../core/errors.ts';
import { isRecord } from '../../base/json.ts';
import { describeThrown } from '../failure-text.ts';
import { memberOf } from './http-members.ts';

export interface TokenRequest {
  /** `https://management.core.windows.net/.default` */
  readonly scope: string;
  /** The authority to sign in with. @default that of the public cloud */
  readonly authorityHost: string | undefined;
  readonly tenantId: string | undefined;
}

/** Gets a bearer token. Rejects with an error whose message says what to do. */
export type TokenProvider = (request: TokenRequest, signal: AbortSignal) => Promise<string>;

/** Resources that the extension completes to a scope; any other is taken for a scope as it is. */
const COMPLETED_RESOURCES = ['https://management.core.windows.net', 'https://graph.microsoft.com'];

/**
 * @throws {NotSupportedError} for another kind than AzureManagedIdentity.
 * @throws {InvalidInputError} without a resource.
 */
export function parseTokenSource(raw: unknown): TokenRequest | undefined {
  if (raw === undefined || raw === null) return undefined;
  const source = isRecord(raw) ? raw : {};
  const kind = memberOf(source, 'kind');
  if (kind !== 'AzureManagedIdentity') {
    throw new NotSupportedError(
      `The token source kind '${describeThrown(kind).message}' is not supported. Use ManagedIdentityTokenSource of durable-functions, or get the token in an activity.`,
    );
  }
  const resource = memberOf(source, 'resource');
  if (typeof resource !== 'string' || resource === '') {
    throw new InvalidInputError('The tokenSource of callHttp must name its resource.');
  }
  const options = optionsOf(memberOf(source, 'options'));
  return {
    scope: scopeOf(resource),
    authorityHost: textOf(memberOf(options, 'authorityHost')),
    tenantId: textOf(memberOf(options, 'tenantId')),
  };
}

function scopeOf(resource: string): string {
  const bare = resource.replace(/\/$/, '');
  return COMPLETED_RESOURCES.includes(bare) ? `${bare}/.default` : resource;
}

/** An object, or the JSON text of one: so .NET writes them. */
function optionsOf(raw: unknown): Readonly<Record<string, unknown>> {
  if (raw === undefined || raw === null || raw === '') return {};
  try {
    const options: unknown = typeof raw === 'string' ? JSON.parse(raw) : raw;
    if (options === null) return {};
    if (isRecord(options)) return options;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
  }
  throw new InvalidInputError('The options of the tokenSource of callHttp must be an object.');
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
}
