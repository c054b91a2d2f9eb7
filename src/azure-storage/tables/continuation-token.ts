/** Where the next page of a query begins: the table client's own token, marked as ours and as this hub's. */
import { parseRecord } from '../../base/json.ts';
import { InvalidContinuationTokenError } from '../../core/errors.ts';

export function encodeContinuationToken(next: string, taskHub: string): string {
  const text = JSON.stringify({ taskHub: taskHub.toLowerCase(), next });
  return Buffer.from(text, 'utf8').toString('base64url');
}

/** @throws {InvalidContinuationTokenError} for everything but the tokens of this hub. */
export function decodeContinuationToken(token: string, taskHub: string): string {
  const outer = parseRecord(Buffer.from(token, 'base64url').toString('utf8'));
  const next = outer?.['next'];
  if (outer?.['taskHub'] === taskHub.toLowerCase() && typeof next === 'string') {
    const inner = parseRecord(Buffer.from(next, 'base64').toString('utf8'));
    if (typeof inner?.['nextPartitionKey'] === 'string') return next;
  }
  throw new InvalidContinuationTokenError(token);
}
