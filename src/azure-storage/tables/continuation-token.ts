/**
 * Where the next page of a query begins, marked as ours and as this hub's: the table client's own token, or, where a page ended
 * before storage's did, the key after which it begins.
 */
import { parseRecord } from '../../base/json.ts';
import { InvalidContinuationTokenError } from '../../core/errors.ts';

export type PageStart =
  /** The table client's token. */
  | { readonly next: string }
  /** A partition key. */
  | { readonly after: string };

export function encodeContinuationToken(start: PageStart, taskHub: string): string {
  const text = JSON.stringify({ taskHub: taskHub.toLowerCase(), ...start });
  return Buffer.from(text, 'utf8').toString('base64url');
}

/** @throws {InvalidContinuationTokenError} for everything but the tokens of this hub. */
export function decodeContinuationToken(token: string, taskHub: string): PageStart {
  const outer = parseRecord(Buffer.from(token, 'base64url').toString('utf8'));
  if (outer?.['taskHub'] === taskHub.toLowerCase()) {
    const { next, after } = outer;
    if (typeof after === 'string') return { after };
    if (typeof next === 'string') {
      const inner = parseRecord(Buffer.from(next, 'base64').toString('utf8'));
      if (typeof inner?.['nextPartitionKey'] === 'string') return { next };
    }
  }
  throw new InvalidContinuationTokenError(token);
}
