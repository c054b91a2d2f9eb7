/**
 * What to say about a thrown value, whatever it is. Mirrors ensureErrorType of the Node worker: text stays text, objects become
 * JSON, nothing becomes "Unknown error"; on top of that, objects without JSON are still described.
 */
import { inspect } from 'node:util';

export interface FailureText {
  readonly message: string;
  /** Empty when the value carries none. */
  readonly stack: string;
}

const UNKNOWN_ERROR = 'Unknown error';

export function describeThrown(thrown: unknown): FailureText {
  if (isErrorLike(thrown)) {
    const message = thrown.message === '' ? UNKNOWN_ERROR : thrown.message;
    return { message, stack: typeof thrown.stack === 'string' ? thrown.stack : '' };
  }
  return { message: textOf(thrown), stack: '' };
}

/** Errors of another realm (vm, jest) fail `instanceof`. */
function isErrorLike(value: unknown): value is { message: string; stack?: unknown } {
  return (
    typeof value === 'object' &&
    value !== null &&
    'message' in value &&
    typeof value.message === 'string'
  );
}

function textOf(thrown: unknown): string {
  if (thrown === undefined || thrown === null || thrown === '') return UNKNOWN_ERROR;
  if (typeof thrown === 'string') return thrown;
  if (typeof thrown !== 'object') return inspect(thrown);
  try {
    return JSON.stringify(thrown);
  } catch (error) {
    // A cycle, a BigInt or a toJSON that throws: still worth showing.
    return `${inspect(thrown, { depth: 2, breakLength: Infinity })} (not JSON: ${describeThrown(error).message})`;
  }
}
