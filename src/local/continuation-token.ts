/** Where the next page of a list goes on: after the last key of this one, in the index that the list goes by. */
import { InvalidContinuationTokenError } from '../core/errors.ts';

export type PageKey = readonly (string | number)[];

export function encodeToken(index: string, after: PageKey): string {
  return Buffer.from(JSON.stringify({ index, after }), 'utf8').toString('base64url');
}

/**
 * @param shape a key of the index, for the types of its members.
 * @throws {InvalidContinuationTokenError} for what `encodeToken` did not make, or made for another index.
 */
export function decodeToken(token: string, index: string, shape: PageKey): PageKey {
  const parsed = parsedToken(token);
  const isOfIndex =
    parsed.index === index &&
    Array.isArray(parsed.after) &&
    parsed.after.length === shape.length &&
    parsed.after.every((member, n) => typeof member === typeof shape[n]);
  if (!isOfIndex) throw new InvalidContinuationTokenError(token);
  return parsed.after as PageKey;
}

function parsedToken(token: string): { readonly index?: unknown; readonly after?: unknown } {
  try {
    const parsed: unknown = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
    if (typeof parsed === 'object' && parsed !== null) return parsed;
  } catch {
    // No JSON: no token.
  }
  throw new InvalidContinuationTokenError(token);
}
