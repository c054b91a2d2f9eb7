/**
 * The bytes of a request body → text: in the charset that Content-Type names, else in the one that a byte order mark tells, else
 * UTF-8. Mirrors HttpContent.ReadAsStringAsync, except that a charset which nobody knows is taken for none.
 */
import { TextDecoder } from 'node:util';

const CHARSET = /;\s*charset\s*=\s*["']?(?<name>[^"';\s]+)/i;

const BYTE_ORDER_MARKS: readonly (readonly [charset: string, bytes: readonly number[]])[] = [
  ['utf-16le', [0xff, 0xfe]],
  ['utf-16be', [0xfe, 0xff]],
];

/** Without a byte order mark. @param contentType the value of the header. */
export function bodyText(body: ArrayBuffer, contentType = ''): string {
  const named = CHARSET.exec(contentType)?.groups?.['name'];
  const bytes = new Uint8Array(body);
  const decoder = (named && knownDecoder(named)) || new TextDecoder(markedCharset(bytes));
  return decoder.decode(bytes);
}

function markedCharset(body: Uint8Array): string {
  const marked = BYTE_ORDER_MARKS.find(([, mark]) => mark.every((byte, i) => body[i] === byte));
  return marked?.[0] ?? 'utf-8';
}

function knownDecoder(charset: string): TextDecoder | undefined {
  try {
    return new TextDecoder(charset);
  } catch (error) {
    if (error instanceof RangeError) return undefined;
    throw error;
  }
}
