/**
 * Which answer an error becomes: one table, exhaustive over the error codes, so that a new code must decide here.
 * Statuses and bodies are those recorded from the .NET extension's HttpApiHandler.
 */
import { DurableError, InstanceStateConflictError, type DurableErrorCode } from '../core/errors.ts';
import { isTerminal, type RuntimeStatus } from '../core/instance-status.ts';
import { errorText } from '../telemetry/log-events.ts';
import { emptyResponse, jsonResponse, messageResponse } from './responses.ts';

const UNEXPECTED = 'Something went wrong while processing your request';

type Answer = (error: DurableError) => Response;

const withMessage =
  (status: number): Answer =>
  (error) =>
    messageResponse(status, error.message);

const withException =
  (status: number): Answer =>
  (error) =>
    exceptionResponse(status, UNEXPECTED, error, error.name);

const ANSWERS: Readonly<Record<DurableErrorCode, Answer>> = {
  INVALID_INPUT: withMessage(400),
  INVALID_CONTINUATION_TOKEN: withMessage(400),
  INSTANCE_EXISTS: withMessage(409),
  INSTANCE_NOT_FOUND: () => emptyResponse(404),
  INSTANCE_STATE_CONFLICT: stateConflict,
  SESSION_LOST: withException(500),
  BACKEND_UNAVAILABLE: withException(503),
  CORRUPT_MESSAGE: withException(500),
  POISON_MESSAGE_NOT_FOUND: withMessage(404),
  CONFIG: withException(500),
  NOT_SUPPORTED: withMessage(501),
};

/** The answer to a request that ended in `error`. */
export function problemResponse(error: unknown): Response {
  if (error instanceof DurableError) return ANSWERS[error.code](error);
  return exceptionResponse(
    500,
    UNEXPECTED,
    error,
    error instanceof Error ? error.name : typeof error,
  );
}

/** Faults of ours or of storage, which the operator should see; the others are the client's. */
const FAULTS: ReadonlySet<DurableErrorCode> = new Set([
  'SESSION_LOST',
  'BACKEND_UNAVAILABLE',
  'CORRUPT_MESSAGE',
  'CONFIG',
]);

export function isFault(error: unknown): boolean {
  return !(error instanceof DurableError) || FAULTS.has(error.code);
}

/**
 * The longer error body. The stack trace stays here: it is logged, and names places of this machine.
 * @param exceptionType the .NET type where clients may look for one.
 */
export function exceptionResponse(
  status: number,
  message: string,
  error: unknown,
  exceptionType: string,
): Response {
  return jsonResponse(
    status,
    JSON.stringify({
      Message: message,
      ExceptionMessage: errorText(error),
      ExceptionType: exceptionType,
      StackTrace: null,
    }),
  );
}

/** The body of a request is not JSON. */
export function invalidJsonResponse(error: SyntaxError): Response {
  return exceptionResponse(
    400,
    'Invalid JSON content',
    error,
    'Newtonsoft.Json.JsonReaderException',
  );
}

/** A finished instance is gone for the operation; in any other state the operation itself was wrong. */
function stateConflict(error: DurableError): Response {
  const isFinished =
    error instanceof InstanceStateConflictError && isTerminal(error.runtimeStatus as RuntimeStatus);
  return isFinished
    ? emptyResponse(410)
    : exceptionResponse(500, UNEXPECTED, error, 'System.InvalidOperationException');
}
