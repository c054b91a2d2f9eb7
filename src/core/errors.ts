/**
 * The errors of the product. Each says what happened, with the value, and what to do; `code` is stable and
 * is what other layers switch on (`http/problem.ts` maps it to a status). Failures of user code are values, never these.
 */
export type DurableErrorCode =
  | 'INVALID_INPUT'
  | 'INVALID_CONTINUATION_TOKEN'
  | 'INSTANCE_EXISTS'
  | 'INSTANCE_NOT_FOUND'
  | 'INSTANCE_STATE_CONFLICT'
  | 'SESSION_LOST'
  | 'BACKEND_UNAVAILABLE'
  | 'CORRUPT_MESSAGE'
  | 'POISON_MESSAGE_NOT_FOUND'
  | 'CONFIG'
  | 'NOT_SUPPORTED';

export class DurableError extends Error {
  readonly code: DurableErrorCode;

  constructor(code: DurableErrorCode, message: string, options?: { cause?: unknown }) {
    super(message, options);
    this.name = new.target.name;
    this.code = code;
  }
}

/** A value given from outside breaks a rule; the message names the value and the rule. */
export class InvalidInputError extends DurableError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('INVALID_INPUT', message, options);
  }
}

/** The app has the orchestrator, and it is disabled. */
export class OrchestratorDisabledError extends InvalidInputError {}

/** A continuation token that this backend did not issue. */
export class InvalidContinuationTokenError extends DurableError {
  constructor(token: string) {
    super(
      'INVALID_CONTINUATION_TOKEN',
      `The continuation token '${token.slice(0, 100)}' was not issued by this task hub. Repeat the query without a token to start from the first page.`,
    );
  }
}

/** A start was refused because an instance with the id exists in a state that may not be overwritten. */
export class InstanceExistsError extends DurableError {
  readonly instanceId: string;
  readonly runtimeStatus: string;

  constructor(instanceId: string, runtimeStatus: string) {
    super(
      'INSTANCE_EXISTS',
      `An Orchestration instance with the status ${runtimeStatus} already exists.`,
    );
    this.instanceId = instanceId;
    this.runtimeStatus = runtimeStatus;
  }
}

export class InstanceNotFoundError extends DurableError {
  readonly instanceId: string;

  constructor(instanceId: string) {
    super('INSTANCE_NOT_FOUND', `No instance with ID '${instanceId}' found.`);
    this.instanceId = instanceId;
  }
}

/** The instance exists, but its status does not allow the operation. */
export class InstanceStateConflictError extends DurableError {
  readonly instanceId: string;
  readonly runtimeStatus: string;

  constructor(instanceId: string, runtimeStatus: string, message: string) {
    super('INSTANCE_STATE_CONFLICT', message);
    this.instanceId = instanceId;
    this.runtimeStatus = runtimeStatus;
  }
}

/** Another worker wrote the history first (ETag), or the partition was lost. Normal with several workers: drop the session, reload. */
export class SessionLostError extends DurableError {
  constructor(instanceId: string, options?: { cause?: unknown }) {
    super(
      'SESSION_LOST',
      `Another worker committed the history of instance '${instanceId}' first; the session was dropped.`,
      options,
    );
  }
}

/** Storage did not answer, or answered with a server error. The operation may or may not have happened. */
export class BackendUnavailableError extends DurableError {
  /** Whether the log says already that storage does not answer: those that fail meanwhile need not repeat it. */
  readonly isTold: boolean;
  /** Whether storage understood what was asked, and does not take it: the same once more would end the same. */
  readonly isRefusal: boolean;

  constructor(
    message: string,
    options?: { cause?: unknown; isTold?: boolean; isRefusal?: boolean },
  ) {
    super('BACKEND_UNAVAILABLE', message, options);
    this.isTold = options?.isTold ?? false;
    this.isRefusal = options?.isRefusal ?? false;
  }
}

/** A stored message or row cannot be understood. */
export class CorruptMessageError extends DurableError {
  constructor(message: string, options?: { cause?: unknown }) {
    super('CORRUPT_MESSAGE', message, options);
  }
}

/** The poison store does not have it, or not any more. */
export class PoisonMessageNotFoundError extends DurableError {
  constructor(id: string) {
    super(
      'POISON_MESSAGE_NOT_FOUND',
      `No message '${id}' is set aside in this task hub. List them with func durable poison list.`,
    );
  }
}

/** A feature that this version does not have; the message names it and the way out. */
export class NotSupportedError extends DurableError {
  constructor(message: string) {
    super('NOT_SUPPORTED', message);
  }
}
