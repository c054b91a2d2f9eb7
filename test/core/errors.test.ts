/** The errors of the product: each has its code, its name and its value in the message. */
import { describe, expect, it } from 'vitest';
import {
  BackendUnavailableError,
  CorruptMessageError,
  DurableError,
  type DurableErrorCode,
  InstanceExistsError,
  InstanceNotFoundError,
  InstanceStateConflictError,
  InvalidContinuationTokenError,
  InvalidInputError,
  NotSupportedError,
  SessionLostError,
} from '../../src/core/errors.ts';

const CAUSE = new Error('below');

const EACH: readonly (readonly [DurableError, DurableErrorCode, string])[] = [
  [new InvalidInputError('no', { cause: CAUSE }), 'INVALID_INPUT', 'no'],
  [new InvalidContinuationTokenError('tok'), 'INVALID_CONTINUATION_TOKEN', "'tok'"],
  [new InstanceExistsError('a', 'Running'), 'INSTANCE_EXISTS', 'Running'],
  [new InstanceNotFoundError('a'), 'INSTANCE_NOT_FOUND', "'a'"],
  [new InstanceStateConflictError('a', 'Running', 'no'), 'INSTANCE_STATE_CONFLICT', 'no'],
  [new SessionLostError('a', { cause: CAUSE }), 'SESSION_LOST', "'a'"],
  [new BackendUnavailableError('no', { cause: CAUSE }), 'BACKEND_UNAVAILABLE', 'no'],
  [new CorruptMessageError('no', { cause: CAUSE }), 'CORRUPT_MESSAGE', 'no'],
  [new NotSupportedError('no'), 'NOT_SUPPORTED', 'no'],
];

describe('each error', () => {
  it.each(EACH)('%o has its code, and is called by its class', (error, code, text) => {
    expect(error).toBeInstanceOf(DurableError);
    expect(error.code).toBe(code);
    expect(error.name).toBe(error.constructor.name);
    expect(error.message).toContain(text);
  });

  it('keeps what caused it', () => {
    expect(new SessionLostError('a', { cause: CAUSE }).cause).toBe(CAUSE);
    expect(new InvalidInputError('no', { cause: CAUSE }).cause).toBe(CAUSE);
  });

  it('does not repeat a token of any length', () => {
    const { message } = new InvalidContinuationTokenError('t'.repeat(5_000));
    expect(message.length).toBeLessThan(300);
  });

  it('says which instance is in the way, and in which state', () => {
    const conflict = new InstanceStateConflictError('a', 'Completed', 'no');
    expect([conflict.instanceId, conflict.runtimeStatus]).toEqual(['a', 'Completed']);
    const existing = new InstanceExistsError('b', 'Pending');
    expect([existing.instanceId, existing.runtimeStatus]).toEqual(['b', 'Pending']);
  });
});
