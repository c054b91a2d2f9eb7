/**
 * A web-standard Request → what an HTTP-triggered function gets: RPC data of kind `http`, and the trigger metadata (bindingData).
 * Mirrors GrpcMessageConversionExtensions.ToRpcHttp under the Node worker's capabilities (raw body bytes, nullable maps) and
 * HttpTriggerBinding.GetRequestBindingData. One difference: a body without Content-Length (chunked) is read too.
 */
import { boundedBytes, TooManyBytesError } from '../base/bounded-bytes.ts';
import { CaseInsensitiveMap } from '../base/case-insensitive-map.ts';
import type { InvocationRequest } from '../function-app/function-app.ts';
import type { RpcHttpData, RpcTypedData } from '../function-app/rpc-typed-data.ts';
import { jsonMembers } from '../function-app/trigger-metadata.ts';
import type { RouteValues } from './route-match.ts';

/**
 * The whole body; empty if there is none.
 * @throws {TooManyBytesError} once more than `limit` bytes have come, or before, if Content-Length says so.
 */
export async function readBody(request: Request, limit: number): Promise<Uint8Array> {
  if (Number(request.headers.get('content-length') ?? 0) > limit) {
    throw new TooManyBytesError(limit);
  }
  if (request.body === null) return new Uint8Array();
  return await boundedBytes(request.body as AsyncIterable<Uint8Array>, limit);
}

export function toRpcHttp(request: Request, values: RouteValues, body: Uint8Array): RpcTypedData {
  const http: RpcHttpData = {
    method: request.method,
    url: request.url,
    nullableHeaders: toNullable(request.headers),
    nullableQuery: toNullable(joinedQuery(request)),
    nullableParams: toNullable(Object.entries(values)),
    ...(body.byteLength > 0 ? { body: { bytes: body } } : {}),
    rawBody: null,
    identities: [],
  };
  return { http };
}

/**
 * Members of a JSON object body, then query parameters (not `code`), then route parameters; a later one replaces an earlier
 * one, names ignoring case. `Query` and `Headers` come last, unless the request took the name.
 * @param body empty when the body is streamed past the host
 */
export function httpTriggerMetadata(
  request: Request,
  values: RouteValues,
  body: Uint8Array,
): Record<string, RpcTypedData> {
  const metadata = new CaseInsensitiveMap<RpcTypedData>();
  for (const [name, value] of jsonMembers(body)) metadata.set(name, value);
  const query = new CaseInsensitiveMap<string>();
  for (const [name, value] of new URL(request.url).searchParams) query.set(name, value);
  for (const [name, value] of query.entries()) {
    if (name.toLowerCase() !== 'code') metadata.set(name, { string: value });
  }
  for (const [name, value] of Object.entries(values)) metadata.set(name, { string: value });
  metadata.setIfAbsent('Query', { json: JSON.stringify(Object.fromEntries(query.entries())) });
  metadata.setIfAbsent('Headers', { json: JSON.stringify(Object.fromEntries(request.headers)) });
  return Object.fromEntries(metadata.entries());
}

/** The caller's W3C trace context, which the function's spans continue; empty when there is no valid `traceparent`. */
export function traceContextOf(headers: Headers): Pick<InvocationRequest, 'traceContext'> {
  const traceParent = headers.get('traceparent');
  if (traceParent === null || !/^[\da-f]{2}-[\da-f]{32}-[\da-f]{16}-[\da-f]{2}/.test(traceParent)) {
    return {};
  }
  const traceState = headers.get('tracestate') ?? '';
  return { traceContext: { traceParent, traceState, attributes: {} } };
}

function toNullable(entries: Iterable<readonly [string, string]>) {
  return Object.fromEntries([...entries].map(([name, value]) => [name, { value }] as const));
}

/** Repeated keys joined by comma, as the host's StringValues are. */
function joinedQuery(request: Request): Iterable<readonly [string, string]> {
  const joined = new CaseInsensitiveMap<string>();
  for (const [name, value] of new URL(request.url).searchParams) {
    const earlier = joined.get(name);
    joined.set(name, earlier === undefined ? value : `${earlier},${value}`);
  }
  return joined.entries();
}
