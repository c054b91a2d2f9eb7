/**
 * What to say about a thrown value, whatever it is. Mirrors ensureErrorType of the Node worker: text stays text, objects become
 * JSON, nothing becomes "Unknown error"; on top of that, objects without JSON are still described.
 */
import { inspect, types } from 'node:util';

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

/** Never throws, whatever the getters and proxies of the value do. */
export function describeThrown(thrown: unknown): FailureText {
  const message = messageOf(thrown);
  if (message === undefined) return { message: textOf(thrown), stack: '' };
  const stack = memberOf(thrown, 'stack');
  return {
    message: message === '' ? UNKNOWN_ERROR : message,
    stack: typeof stack === 'string' ? stack : '',
  };
}

/** Why an error happened, from the nearest cause on: `cause`, or the first of several `errors`. Empty when it does not say. */
export function causesOf(thrown: unknown): readonly ThrownCause[] {
  const causes: ThrownCause[] = [];
  let cause = causeOf(thrown);
  while (cause !== undefined && cause !== null && causes.length < MAX_CAUSES) {
    const name = memberOf(cause, 'name');
    causes.push({ ...describeThrown(cause), type: typeof name === 'string' ? name : 'Error' });
    cause = causeOf(cause);
  }
  return causes;
}

function causeOf(thrown: unknown): unknown {
  if (messageOf(thrown) === undefined) return undefined;
  return memberOf(thrown, 'cause') ?? memberOf(memberOf(thrown, 'errors'), '0');
}

/** undefined for what is no error. Errors of another realm (vm, jest) fail `instanceof`. */
function messageOf(thrown: unknown): string | undefined {
  const message = memberOf(thrown, 'message');
  if (typeof message === 'string') return message;
  return types.isNativeError(thrown) ? textOf(message) : undefined;
}

/** What cannot be read is not there. */
function memberOf(
  value: unknown,
  name: 'name' | 'message' | 'stack' | 'cause' | 'errors' | '0',
): unknown {
  if (typeof value !== 'object' || value === null) return undefined;
  try {
    return (value as Readonly<Record<string, unknown>>)[name];
  } catch {
    return undefined;
  }
}

function textOf(thrown: unknown): string {
  if (thrown === undefined || thrown === null || thrown === '') return UNKNOWN_ERROR;
  if (typeof thrown === 'string') return thrown;
  if (typeof thrown !== 'object') return inspected(thrown);
  try {
    // undefined when toJSON says so.
    const json: unknown = JSON.stringify(thrown);
    return typeof json === 'string' ? json : inspected(thrown);
  } catch (error) {
    // A cycle, a BigInt or a toJSON that throws: still worth showing.
    const reason = memberOf(error, 'message');
    return `${inspected(thrown)} (not JSON: ${typeof reason === 'string' ? reason : UNKNOWN_ERROR})`;
  }
}

function inspected(value: unknown): string {
  try {
    return inspect(value, { depth: 2, breakLength: Infinity });
  } catch {
    // Its own way of being inspected throws.
    return UNKNOWN_ERROR;
  }
}
