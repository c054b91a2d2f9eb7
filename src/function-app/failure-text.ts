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

/** One of the errors behind an error. */
export interface ThrownCause extends FailureText {
  /** `TypeError` */
  readonly type: string;
}

const UNKNOWN_ERROR = 'Unknown error';
/** So many causes are told; chains that are longer, or go round, end there. */
const MAX_CAUSES = 5;

export function describeThrown(thrown: unknown): FailureText {
  if (isErrorLike(thrown)) {
    const message = thrown.message === '' ? UNKNOWN_ERROR : thrown.message;
    return { message, stack: typeof thrown.stack === 'string' ? thrown.stack : '' };
  }
  return { message: textOf(thrown), stack: '' };
}

/** Why an error happened, from the nearest cause on: `cause`, or the first of several `errors`. Empty when it does not say. */
export function causesOf(thrown: unknown): readonly ThrownCause[] {
  const causes: ThrownCause[] = [];
  let cause = causeOf(thrown);
  while (cause !== undefined && cause !== null && causes.length < MAX_CAUSES) {
    const { name } = cause as { readonly name?: unknown };
    causes.push({ ...describeThrown(cause), type: typeof name === 'string' ? name : 'Error' });
    cause = causeOf(cause);
  }
  return causes;
}

function causeOf(thrown: unknown): unknown {
  if (!isErrorLike(thrown)) return undefined;
  const { cause, errors } = thrown as { readonly cause?: unknown; readonly errors?: unknown };
  return cause ?? (Array.isArray(errors) ? (errors as readonly unknown[])[0] : undefined);
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
