/** Which failures of bindings are those of storage that is away for a while: what asked for it is run again, and has not failed. */
import { BackendUnavailableError } from '../core/errors.ts';

/** Causes may go round in circles. */
const MAX_DEPTH = 10;

/** Whether the error, or one that it was caused by, says so. What storage refuses, it would refuse again. */
export function isUnavailable(error: unknown): boolean {
  let cause = error;
  for (let depth = 0; cause instanceof Error && depth < MAX_DEPTH; depth++) {
    if (cause instanceof BackendUnavailableError) return !isRefusal(cause.cause);
    ({ cause } = cause);
  }
  return false;
}

function isRefusal(answer: unknown): boolean {
  const { statusCode } = (answer ?? {}) as { readonly statusCode?: unknown };
  if (typeof statusCode !== 'number') return false;
  return statusCode >= 400 && statusCode < 500 && statusCode !== 408 && statusCode !== 429;
}
