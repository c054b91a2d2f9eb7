/**
 * `retryOptions` of a durable HTTP request. The .NET extension retries through timers of the orchestration; the JavaScript
 * SDKs have no such option and count no ids for it, so here the attempts happen within the one activity, and their pauses are
 * bounded. Mirrors HttpRetryOptions.
 */
import { setTimeout as pause } from 'node:timers/promises';
import { formatTimeSpan } from '../../base/timespan.ts';
import { InvalidInputError } from '../../core/errors.ts';
import { isRecord } from '../../base/json.ts';
import { durationMs, memberOf } from './http-members.ts';
import { TransportError } from './transport-error.ts';

export interface HttpRetryOptions {
  readonly firstRetryIntervalMs: number;
  readonly maxNumberOfAttempts: number;
  readonly backoffCoefficient: number;
  readonly maxRetryIntervalMs: number;
  /** Since the first attempt; Infinity for no limit. */
  readonly retryTimeoutMs: number;
  /** Empty: every status from 400 on. */
  readonly statusCodesToRetry: readonly number[];
}

/** What all pauses of one request may take together. */
const DEFAULT_MAX_PAUSES_MS = 10 * 60 * 1000;

const SIX_DAYS_MS = 6 * 24 * 60 * 60 * 1000;

/** @throws {InvalidInputError} */
export function parseRetryOptions(raw: unknown): HttpRetryOptions | undefined {
  if (raw === undefined || raw === null) return undefined;
  if (!isRecord(raw))
    throw new InvalidInputError('The retryOptions of callHttp must be an object.');
  const duration = (name: string, otherwise: number): number => {
    const value = memberOf(raw, name) ?? memberOf(raw, `${name}InMilliseconds`) ?? otherwise;
    return durationMs(value, `retryOptions.${name}`);
  };
  const number = (name: string, otherwise?: number): number => {
    const value = memberOf(raw, name) ?? otherwise;
    if (typeof value === 'number') return value;
    throw new InvalidInputError(`The retryOptions.${name} of callHttp must be a number.`);
  };
  const maxNumberOfAttempts = number('maxNumberOfAttempts');
  if (maxNumberOfAttempts < 1) {
    throw new InvalidInputError(
      'The retryOptions.maxNumberOfAttempts of callHttp must be at least 1.',
    );
  }
  return {
    firstRetryIntervalMs: duration('firstRetryInterval', 0),
    maxNumberOfAttempts,
    backoffCoefficient: number('backoffCoefficient', 1),
    maxRetryIntervalMs: duration('maxRetryInterval', SIX_DAYS_MS),
    retryTimeoutMs: duration('retryTimeout', Number.MAX_SAFE_INTEGER),
    statusCodesToRetry: statusCodes(memberOf(raw, 'statusCodesToRetry')),
  };
}

/**
 * Calls `attempt` until it gives an answer that is not to be retried.
 * @throws what the last attempt threw, or an error that names its status.
 */
export async function withRetries<Answer extends { readonly statusCode: number }>(
  retry: HttpRetryOptions | undefined,
  attempt: () => Promise<Answer>,
  maxPausesMs = DEFAULT_MAX_PAUSES_MS,
): Promise<Answer> {
  if (retry === undefined) return attempt();
  const startedMs = performance.now();
  let pausedMs = 0;
  for (let count = 1; ; count++) {
    const outcome = await outcomeOf(retry, attempt);
    if (outcome.kind === 'final') return outcome.answer;
    const pauseMs = Math.min(
      retry.firstRetryIntervalMs * retry.backoffCoefficient ** (count - 1),
      retry.maxRetryIntervalMs,
    );
    const isLast =
      count >= retry.maxNumberOfAttempts || performance.now() - startedMs > retry.retryTimeoutMs;
    if (isLast) throw outcome.error;
    if (pausedMs + pauseMs > maxPausesMs) throw tooLong(outcome.error, pauseMs, maxPausesMs);
    await pause(pauseMs);
    pausedMs += pauseMs;
  }
}

async function outcomeOf<Answer extends { readonly statusCode: number }>(
  retry: HttpRetryOptions,
  attempt: () => Promise<Answer>,
): Promise<
  | { readonly kind: 'final'; readonly answer: Answer }
  | { readonly kind: 'retry'; readonly error: Error }
> {
  try {
    const answer = await attempt();
    const { statusCodesToRetry: codes } = retry;
    const isRetried =
      codes.length === 0 ? answer.statusCode >= 400 : codes.includes(answer.statusCode);
    if (!isRetried) return { kind: 'final', answer };
    const error = new Error(`The HTTP request failed with status code ${answer.statusCode}.`);
    return { kind: 'retry', error };
  } catch (error) {
    // Anything else would fail the same way again.
    if (error instanceof TransportError) return { kind: 'retry', error };
    throw error;
  }
}

function tooLong(error: Error, pauseMs: number, maxPausesMs: number): Error {
  return new Error(
    `${error.message} No more attempts: the next one is due in ${formatTimeSpan(pauseMs)}, and retries of callHttp may pause for ${formatTimeSpan(maxPausesMs)} in all. For longer pauses, catch the error and wait with context.df.createTimer.`,
    { cause: error },
  );
}

function statusCodes(raw: unknown): readonly number[] {
  if (raw === undefined || raw === null) return [];
  const codes = Array.isArray(raw) ? raw.map(Number) : [NaN];
  if (codes.every(Number.isInteger)) return codes;
  throw new InvalidInputError(
    'The retryOptions.statusCodesToRetry of callHttp must be an array of numbers.',
  );
}
