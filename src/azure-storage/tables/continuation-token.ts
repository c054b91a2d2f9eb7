/** Where the next page of a query begins: the table client's own token, marked as ours and as this hub's. */
import { InvalidContinuationTokenError } from '../../core/errors.ts';

export function encodeContinuationToken(next: string, taskHub: string): string {
  const text = JSON.stringify({ taskHub: taskHub.toLowerCase(), next });
  return Buffer.from(text, 'utf8').toString('base64url');
}

/** @throws {InvalidContinuationTokenError} for everything but the tokens of this hub. */
export function decodeContinuationToken(token: string, taskHub: string): string {
  const outer = parseObject(Buffer.from(token, 'base64url'));
  const next = outer?.['next'];
  if (outer?.['taskHub'] === taskHub.toLowerCase() && typeof next === 'string') {
    const inner = parseObject(Buffer.from(next, 'base64'));
    if (typeof inner?.['nextPartitionKey'] === 'string') return next;
  }
  throw new InvalidContinuationTokenError(token);
}

function parseObject(bytes: Buffer): Readonly<Record<string, unknown>> | undefined {
  try {
    const value: unknown = JSON.parse(bytes.toString('utf8'));
    if (typeof value !== 'object' || value === null) return undefined;
    return value as Readonly<Record<string, unknown>>;
  } catch {
    return undefined;
  }
}
