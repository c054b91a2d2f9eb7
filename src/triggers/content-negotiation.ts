/**
 * `enableContentNegotiation: true`: the Accept header (or a content type that the function set) chooses how the value is written.
 * Mirrors ASP.NET's ObjectResult with the formatters of the host: text for strings, JSON for everything, XML for strings.
 * As there, an Accept header with a wildcard for everything counts as none, and a wish that nobody can fulfil is ignored. That is why the
 * header is read by Hono, and the choice is ours: Hono's `accepts` knows wildcards in another way.
 */
import { parseAccept } from 'hono/utils/accept';

export type HttpContent =
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'json'; readonly value: unknown };

export interface NegotiatedBody {
  readonly bytes: Uint8Array | null;
  readonly contentType: string | null;
}

export function isEmptyContent(content: HttpContent): boolean {
  return content.kind === 'json' && (content.value === null || content.value === undefined);
}

export function negotiate(
  content: HttpContent,
  contentType: string | null,
  accept: string | null,
): NegotiatedBody {
  if (content.kind === 'bytes') return { bytes: content.bytes, contentType };
  if (isEmptyContent(content)) return { bytes: null, contentType: null };
  const text = content.kind === 'text' ? content.text : content.value;
  const isText = typeof text === 'string';
  const wishes = contentType === null ? acceptedTypes(accept) : [bareType(contentType)];
  for (const wish of [...wishes, isText ? 'text/plain' : 'application/json']) {
    if (isText && matches(wish, 'text/plain')) return written(text, 'text/plain');
    if (matches(wish, 'application/json') || matches(wish, 'text/json')) {
      return written(JSON.stringify(text), wish === 'text/json' ? 'text/json' : 'application/json');
    }
    if (isText && (matches(wish, 'application/xml') || matches(wish, 'text/xml'))) {
      return written(xmlOf(text), wish === 'text/xml' ? 'text/xml' : 'application/xml');
    }
  }
  return written(JSON.stringify(text), 'application/json');
}

function written(text: string, type: string): NegotiatedBody {
  return { bytes: Buffer.from(text), contentType: `${type}; charset=utf-8` };
}

/** Best first. Empty when a browser asks (it takes everything). */
function acceptedTypes(accept: string | null): string[] {
  const types = parseAccept(accept ?? '')
    .filter(({ q }) => q > 0)
    .map(({ type }) => type.toLowerCase());
  return types.includes('*/*') ? [] : types;
}

function bareType(text: string): string {
  return (text.split(';')[0] ?? '').trim().toLowerCase();
}

function matches(wish: string, type: string): boolean {
  return wish === type || (wish.endsWith('/*') && type.startsWith(wish.slice(0, -1)));
}

function xmlOf(text: string): string {
  const escaped = text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
  return `<string xmlns="http://schemas.microsoft.com/2003/10/Serialization/">${escaped}</string>`;
}
