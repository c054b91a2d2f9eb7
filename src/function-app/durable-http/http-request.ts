/**
 * What an orchestrator asks `callHttp` for, as it travels → a checked request. Members are found in any case, because .NET
 * writes some of them in its own. Mirrors DurableHttpRequest and TaskHttpActivityShim.ConvertToHttpRequestMessage.
 */
import { validateHeaderName, validateHeaderValue } from 'node:http';
import { inspect } from 'node:util';
import { formatTimeSpan } from '../../base/timespan.ts';
import { InvalidInputError } from '../../core/errors.ts';
import { isRecord } from '../../base/json.ts';
import { activityInput } from '../activity-trigger.ts';
import { describeThrown } from '../failure-text.ts';
import { durationMs, memberOf } from './http-members.ts';
import type { HttpHeader } from './http-headers.ts';
import { parseRetryOptions, type HttpRetryOptions } from './http-retry.ts';
import { parseTokenSource, type TokenRequest } from './token-source.ts';

export interface DurableHttpRequest {
  /** Upper case. */
  readonly method: string;
  /** Absolute, http or https, without user and password. */
  readonly url: URL;
  /** Valid ones, without Content-Type; a user and password of the address are among them. */
  readonly headers: readonly HttpHeader[];
  readonly content: { readonly text: string; readonly type: string } | undefined;
  readonly token: TokenRequest | undefined;
  /** For the whole exchange; Infinity for none, undefined for the default. */
  readonly timeoutMs: number | undefined;
  readonly retry: HttpRetryOptions | undefined;
}

const METHOD = /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/;

/** Headers that say how the message is framed; the connection takes care of them. */
const FRAMING_HEADERS = ['content-length', 'transfer-encoding', 'trailer', 'upgrade'];

const FORM = 'application/x-www-form-urlencoded';

/** CancellationTokenSource takes no more (TimeSpan, ms). */
const MAX_TIMEOUT_MS = 4_294_967_294;

/**
 * @param input a JSON array with the request as its only element.
 * @throws {InvalidInputError} that names what cannot be sent.
 * @throws {NotSupportedError} for another token source than a managed identity.
 */
export function parseHttpRequest(input: string | null): DurableHttpRequest {
  const raw = activityInput(input);
  if (!isRecord(raw)) {
    throw new InvalidInputError('The input of callHttp is not a request: it must be an object.');
  }
  const all = headersOf(memberOf(raw, 'headers'));
  const contentTypes = all.find(({ name }) => name.toLowerCase() === 'content-type')?.values ?? [];
  const { url, user } = splitUser(urlOf(memberOf(raw, 'uri')));
  const hasAuthorization = all.some(({ name }) => name.toLowerCase() === 'authorization');
  return {
    method: methodOf(memberOf(raw, 'method')),
    url,
    headers: [
      ...all.filter(({ name }) => name.toLowerCase() !== 'content-type'),
      ...(user === undefined || hasAuthorization ? [] : [basicAuthorization(user)]),
    ],
    content: contentOf(memberOf(raw, 'content'), contentTypes),
    token: parseTokenSource(memberOf(raw, 'tokenSource')),
    timeoutMs: timeoutOf(memberOf(raw, 'timeout')),
    retry: parseRetryOptions(memberOf(raw, 'retryOptions')),
  };
}

function methodOf(raw: unknown): string {
  const method = raw ?? 'GET';
  if (typeof method !== 'string' || !METHOD.test(method)) {
    throw new InvalidInputError(`The method ${shown(method)} of callHttp is no HTTP method.`);
  }
  if (method.toUpperCase() === 'CONNECT') {
    throw new InvalidInputError('callHttp cannot send CONNECT: it opens a tunnel, not a request.');
  }
  return method.toUpperCase();
}

function urlOf(raw: unknown): URL {
  const whole = 'Give the whole address, such as https://example.com/path.';
  if (typeof raw !== 'string' || !URL.canParse(raw)) {
    throw new InvalidInputError(`The address ${shown(raw)} of callHttp is not absolute. ${whole}`);
  }
  const url = new URL(raw);
  if (url.protocol !== 'http:' && url.protocol !== 'https:') {
    throw new InvalidInputError(
      `The address ${shown(raw)} of callHttp is neither http nor https. ${whole}`,
    );
  }
  return url;
}

/** `https://user:password@host/` → the address alone, and `user:password` as it was meant. */
function splitUser(url: URL): { readonly url: URL; readonly user: string | undefined } {
  const { username, password } = url;
  if (username === '' && password === '') return { url, user: undefined };
  const bare = new URL(url);
  bare.username = '';
  bare.password = '';
  return { url: bare, user: `${unescaped(username)}:${unescaped(password)}` };
}

function unescaped(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (error) {
    // A lone percent sign stands for itself.
    if (error instanceof URIError) return text;
    throw error;
  }
}

function basicAuthorization(user: string): HttpHeader {
  return {
    name: 'Authorization',
    values: [`Basic ${Buffer.from(user, 'utf8').toString('base64')}`],
  };
}

function headersOf(raw: unknown): readonly HttpHeader[] {
  if (raw === undefined || raw === null) return [];
  if (!isRecord(raw)) {
    throw new InvalidInputError('The headers of callHttp must be an object of names and values.');
  }
  return Object.entries(raw)
    .filter(([name, value]) => value !== null && value !== undefined && name !== '$type')
    .map(([name, value]) => headerOf(name, Array.isArray(value) ? value : [value]))
    .filter(({ values }) => values.length > 0);
}

function headerOf(name: string, raw: readonly unknown[]): HttpHeader {
  if (FRAMING_HEADERS.includes(name.toLowerCase())) {
    throw new InvalidInputError(
      `callHttp sets the header '${name}' itself. Remove it from the headers of the request.`,
    );
  }
  const values = raw.map((value) => headerText(name, value));
  try {
    validateHeaderName(name);
    for (const value of values) validateHeaderValue(name, value);
  } catch (error) {
    // Not the value: it may be a secret.
    throw new InvalidInputError(
      `The header ${shown(name)} of callHttp cannot be sent: ${describeThrown(error).message}.`,
      { cause: error },
    );
  }
  return { name, values };
}

function headerText(name: string, value: unknown): string {
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'boolean':
      return String(value);
    default:
      throw new InvalidInputError(
        `The header ${shown(name)} of callHttp must be text or an array of texts.`,
      );
  }
}

function contentOf(
  raw: unknown,
  contentTypes: readonly string[],
): { text: string; type: string } | undefined {
  if (contentTypes.some((type) => type.toLowerCase().includes('multipart'))) {
    throw new InvalidInputError('Multipart content is not supported with CallHttpAsync.');
  }
  if (raw === undefined || raw === null) return undefined;
  // SDKs make JSON text of a number or true, but hand on 0 and false as they are.
  const isPlain = typeof raw === 'number' || typeof raw === 'boolean';
  if (typeof raw !== 'string' && !isPlain) {
    throw new InvalidInputError('The content of callHttp must be text; give objects as JSON text.');
  }
  const text = String(raw);
  const type = contentTypes.at(-1) ?? '';
  if (type === '') return { text, type: 'text/plain' };
  return { text, type: type.toLowerCase() === FORM ? `${FORM}; charset=utf-8` : type };
}

function timeoutOf(raw: unknown): number | undefined {
  if (raw === undefined || raw === null) return undefined;
  const ms = durationMs(raw, 'timeout');
  // Timeout.InfiniteTimeSpan of .NET.
  if (ms === -1) return Infinity;
  if (ms < 0 || ms > MAX_TIMEOUT_MS) {
    throw new InvalidInputError(
      `The timeout ${shown(raw)} of callHttp is not between 00:00:00 and ${formatTimeSpan(MAX_TIMEOUT_MS)}.`,
    );
  }
  return ms;
}

function shown(value: unknown): string {
  return inspect(value, { depth: 1, breakLength: Infinity }).slice(0, 200);
}
