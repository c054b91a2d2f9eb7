/**
 * What a function answered → a web-standard Response. Mirrors HttpBinding, RawScriptResult and ScriptObjectResult of the host
 * with ASP.NET's output formatters: text and JSON bodies always say `charset=utf-8`, JSON bodies are written indented (the text form of
 * a JObject), bytes go out as they are.
 */
import { InvalidInputError } from '../core/errors.ts';
import { type HttpContent, isEmptyContent, negotiate } from './content-negotiation.ts';
import type { InvocationResult } from '../function-app/function-app.ts';
import type { LoadedFunction } from '../function-app/function-declaration.ts';
import type { RpcHttpData, RpcTypedData } from '../function-app/rpc-typed-data.ts';
import { formatSetCookie } from './set-cookie.ts';

/** Statuses that never carry a body. */
const BODILESS: ReadonlySet<number> = new Set([204, 205, 304]);
/** The server decides these from the body it sends. */
const SERVER_HEADERS: ReadonlySet<string> = new Set([
  'connection',
  'content-length',
  'keep-alive',
  'transfer-encoding',
]);

/**
 * 500 without a body when the function failed; 204 when it answered nothing.
 * @throws {InvalidInputError} if status, headers or cookies are such that HTTP has no form for them.
 */
export function toResponse(
  fn: LoadedFunction,
  outcome: InvocationResult,
  accept: string | null,
): Response {
  if (outcome.kind === 'failed') return new Response(null, { status: 500 });
  const answer = answerOf(fn, outcome);
  if (answer === undefined) return new Response(null, { status: 204 });
  if (answer.http == null) return toHttpResponse({ body: answer }, accept);
  return toHttpResponse(answer.http, accept);
}

/** The value of the http output binding: `$return` or a named one. Nothing when it was not set. */
function answerOf(
  fn: LoadedFunction,
  outcome: Extract<InvocationResult, { kind: 'succeeded' }>,
): RpcTypedData | undefined {
  for (const { name, type, direction } of fn.bindings) {
    if (type.toLowerCase() !== 'http' || direction === 'in') continue;
    const value = name === '$return' ? outcome.returnValue : outcome.outputs.get(name);
    if (value != null && !isUnset(value)) return value;
  }
  return undefined;
}

function isUnset(value: RpcTypedData): boolean {
  return Object.values(value).every((member) => member == null);
}

function toHttpResponse(http: RpcHttpData, accept: string | null): Response {
  const status = parseStatus(http.statusCode);
  const headers = toHeaders(http);
  const content = contentOf(http.body);
  const contentType = headers.get('content-type');
  const body =
    http.enableContentNegotiation === true
      ? negotiate(content, contentType, accept)
      : writePlain(content, contentType);
  if (body.contentType !== null) headers.set('content-type', body.contentType);
  // ObjectResult(null) is "no content", whatever the status says.
  if (http.enableContentNegotiation === true && isEmptyContent(content)) {
    return new Response(null, { status: 204, headers });
  }
  return new Response(BODILESS.has(status) ? null : body.bytes, { status, headers });
}

/** A whole number, as text or not; anything else is 200. */
function parseStatus(value: unknown): number {
  const text = typeof value === 'number' ? String(value) : value;
  const status = typeof text === 'string' && /^\s*\d+\s*$/.test(text) ? Number(text) : 200;
  if (status >= 200 && status <= 599) return status;
  throw new InvalidInputError(
    `The status ${status} cannot be sent as a final answer; use one from 200 to 599.`,
  );
}

function toHeaders(http: RpcHttpData): Headers {
  const headers = new Headers();
  for (const [name, value] of Object.entries(http.headers ?? {})) {
    if (SERVER_HEADERS.has(name.toLowerCase()) || (headers.has(name) && !isSetCookie(name)))
      continue;
    if (name.toLowerCase() === 'content-type' && value === '') continue;
    try {
      headers.append(name, isLatin1(value) ? value : encodeURI(value));
    } catch (error) {
      throw new InvalidInputError(`The response header '${name}' has an invalid name or value.`, {
        cause: error,
      });
    }
  }
  for (const cookie of http.cookies ?? []) headers.append('set-cookie', formatSetCookie(cookie));
  return headers;
}

function isSetCookie(name: string): boolean {
  return name.toLowerCase() === 'set-cookie';
}

/** Header values are bytes; other characters travel percent-encoded. */
function isLatin1(value: string): boolean {
  return /^[\u0000-\u00ff]*$/.test(value);
}

function contentOf(data: RpcTypedData | null | undefined): HttpContent {
  const bytes = data?.bytes ?? data?.stream;
  if (bytes != null) return { kind: 'bytes', bytes };
  if (data?.string != null) return { kind: 'text', text: data.string };
  if (data?.json != null) return { kind: 'json', value: JSON.parse(data.json) as unknown };
  const number = data?.int ?? data?.double;
  return number == null ? { kind: 'json', value: null } : { kind: 'json', value: number };
}

interface WrittenBody {
  readonly bytes: Uint8Array | null;
  /** Null: none is added. */
  readonly contentType: string | null;
}

function writePlain(content: HttpContent, contentType: string | null): WrittenBody {
  if (content.kind === 'bytes') {
    return { bytes: content.bytes.byteLength === 0 ? null : content.bytes, contentType };
  }
  const text = content.kind === 'text' ? content.text : toText(content.value);
  return {
    bytes: text === '' ? null : Buffer.from(text),
    contentType: withUtf8(contentType ?? 'text/plain'),
  };
}

/** A JToken's text form. */
function toText(value: unknown): string {
  if (value === null || value === undefined) return '';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'True' : 'False';
  return JSON.stringify(value, null, 2);
}

/** ASP.NET's text formatter writes UTF-8 and says so, whatever charset was asked for. */
function withUtf8(contentType: string): string {
  return `${contentType.replace(/\s*;\s*charset=("[^"]*"|[^;\s]*)/i, '')}; charset=utf-8`;
}
