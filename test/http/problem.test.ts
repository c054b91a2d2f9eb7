import { describe, expect, it } from 'vitest';
import {
  BackendUnavailableError,
  CorruptMessageError,
  DurableError,
  InstanceExistsError,
  InstanceNotFoundError,
  InstanceStateConflictError,
  InvalidContinuationTokenError,
  InvalidInputError,
  NotSupportedError,
  SessionLostError,
} from '../../src/core/errors.ts';
import { isFault, problemResponse } from '../../src/http/problem.ts';

describe('an error becomes an answer', () => {
  it.each<[DurableError, number, unknown]>([
    [new InvalidInputError('bad'), 400, { Message: 'bad' }],
    [new InvalidContinuationTokenError('t'), 400, expect.objectContaining({})],
    [
      new InstanceExistsError('x', 'Running'),
      409,
      { Message: 'An Orchestration instance with the status Running already exists.' },
    ],
    [new InstanceNotFoundError('x'), 404, ''],
    [new InstanceStateConflictError('x', 'Failed', 'over'), 410, ''],
    [
      new InstanceStateConflictError('x', 'Suspended', 'Cannot suspend'),
      500,
      expect.objectContaining({ ExceptionType: 'System.InvalidOperationException' }),
    ],
    [new NotSupportedError('Not here.'), 501, { Message: 'Not here.' }],
  ])('%s, which is the client’s affair', async (error, status, body) => {
    const answer = problemResponse(error);
    const text = await answer.text();

    expect(answer.status).toBe(status);
    expect(text === '' ? '' : JSON.parse(text)).toEqual(body);
    expect(isFault(error)).toBe(false);
  });

  it.each([
    [new BackendUnavailableError('down'), 503, 'BackendUnavailableError'],
    [new SessionLostError('x'), 500, 'SessionLostError'],
    [new CorruptMessageError('odd'), 500, 'CorruptMessageError'],
    [new DurableError('CONFIG', 'no'), 500, 'DurableError'],
    [new RangeError('no'), 500, 'RangeError'],
    ['a thrown text', 500, 'string'],
  ])('%s, which the operator should know', async (error, status, ExceptionType) => {
    const answer = problemResponse(error);

    expect(answer.status).toBe(status);
    expect(JSON.parse(await answer.text())).toEqual({
      Message: 'Something went wrong while processing your request',
      ExceptionMessage: error instanceof Error ? error.message : error,
      ExceptionType,
      StackTrace: null,
    });
    expect(isFault(error)).toBe(true);
  });
});
