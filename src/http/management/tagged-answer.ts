/** Answers with an `ETag`: whoever has the same already is told so, by a 304 without body. */
import { createHash } from 'node:crypto';
import type { JsonText } from '../../base/json-text.ts';
import { jsonResponse } from '../responses.ts';
import type { OperationCall } from './operation.ts';

/** A 200 that is tagged by what it says: making it costs the host as much, only the way is saved. */
export function taggedAnswer(call: OperationCall, body: JsonText): Response {
  const etag = `"${createHash('sha256').update(body).digest('base64url').slice(0, 27)}"`;
  return notModified(call, etag) ?? jsonResponse(200, body, { etag, 'cache-control': 'no-cache' });
}

/** The answer to whoever has what `etag` stands for; undefined for the others. */
export function notModified(call: OperationCall, etag: string): Response | undefined {
  const known = (call.header('if-none-match') ?? '').split(',').map((tag) => tag.trim());
  // Proxies that compress an answer make its tag a weak one.
  if (!known.includes('*') && !known.some((tag) => tag.replace(/^W\//, '') === etag)) {
    return undefined;
  }
  return new Response(null, { status: 304, headers: { etag, 'cache-control': 'no-cache' } });
}
