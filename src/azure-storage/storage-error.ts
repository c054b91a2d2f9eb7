/** Errors of the official clients as ours: what was tried, on which resource, and what storage said. */
import { RestError } from '@azure/storage-queue';
import { BackendUnavailableError } from '../core/errors.ts';
import { isRefused, proxyOf } from './clients/request-policy.ts';
import { clockNoteFor, tellHealth, tellMissing } from './clients/storage-health.ts';

/**
 * Runs a call to storage.
 * @param what completes "Could not …": operation and resource, `put a message to queue 'x'`.
 * @throws {BackendUnavailableError} for every answer of storage that is not a success, and for no answer.
 */
export async function storageCall<Result>(
  what: string,
  call: () => Promise<Result>,
): Promise<Result> {
  try {
    return await call();
  } catch (error) {
    throw toBackendError(error, what);
  }
}

/** The error to throw; errors that are not storage's own stay as they are. */
function toBackendError(error: unknown, what: string): unknown {
  if (!isRestError(error)) return error;
  const message = [`Could not ${what}: ${reasonOf(error)}`, clockNoteOf(error)]
    .filter(Boolean)
    .join(' ');
  const isTold =
    (isOutage(error) && tellHealth(error.request, message)) ||
    (isMissing(error) && tellMissing(error.request, message));
  const isRefusal = error.statusCode === 400 || error.statusCode === 413;
  return new BackendUnavailableError(message, { cause: error, isTold, isRefusal });
}

/** Storage calls a request that is dated too wrong one that it cannot authenticate, and keys are looked at in vain. */
function clockNoteOf({ statusCode, request }: RestError): string | undefined {
  return statusCode === 401 || statusCode === 403 ? clockNoteFor(request) : undefined;
}

/** Whether storage did not answer, or could not, or refuses all that we ask. Whoever gave up waiting says nothing about it. */
function isOutage({ statusCode = 0, name }: RestError): boolean {
  return name !== 'AbortError' && (statusCode === 0 || isRefused(statusCode));
}

/** Whether a queue or table of a hub is not there, or no more, or not any more for long. */
function isMissing(error: RestError): boolean {
  return MISSING.has(codeOf(error) ?? '');
}

const MISSING: ReadonlySet<string> = new Set([
  'QueueNotFound',
  'QueueBeingDeleted',
  'TableNotFound',
  'TableBeingDeleted',
]);

/** The HTTP status that storage answered, also of an error that was translated already. */
export function statusOf(error: unknown): number | undefined {
  return restErrorOf(error)?.statusCode;
}

/** Storage's own word for what is wrong, `TableNotFound` say. */
export function codeOf(error: unknown): string | undefined {
  const rest = restErrorOf(error);
  return rest && (tableErrorOf(rest)?.code ?? rest.code);
}

/** The table service tells code and message in the body. */
function tableErrorOf({
  details,
}: RestError): { code?: string; message?: { value?: string } } | undefined {
  return (details as { odataError?: { code?: string; message?: { value?: string } } } | undefined)
    ?.odataError;
}

function restErrorOf(error: unknown): RestError | undefined {
  if (isRestError(error)) return error;
  return error instanceof BackendUnavailableError ? restErrorOf(error.cause) : undefined;
}

/** Several copies of the class may be installed: the name tells. */
function isRestError(error: unknown): error is RestError {
  return error instanceof RestError || (error instanceof Error && error.name === 'RestError');
}

/** The first line of the message: the others hold request id and time. */
function reasonOf(error: RestError): string {
  const status = error.statusCode === undefined ? 'no answer' : `HTTP ${error.statusCode}`;
  const [line = ''] = (tableErrorOf(error)?.message?.value ?? error.message).split('\n', 1);
  const proxy = error.request && proxyOf(error.request);
  const way = proxy && `asked through the proxy ${proxy} (HTTPS_PROXY, ALL_PROXY or HTTP_PROXY)`;
  return [status, codeOf(error), line.slice(0, 300), way].filter(Boolean).join(', ');
}
