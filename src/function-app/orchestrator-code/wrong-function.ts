/**
 * Orchestrators that are no generator functions, or yield what is no task: what to tell whoever wrote them. The texts that the
 * SDKs have for some of it are kept; for the rest they only say that something has no `next`.
 */
import { CallPlaces } from './call-place.ts';

const REMEDY = 'and yield the tasks of context.df instead of awaiting them.';

const ASYNC_GENERATOR = `The orchestrator is an async generator function (async function*). Declare it as function*, ${REMEDY}`;

const ASYNC_FUNCTION = `The orchestrator is an async function. Declare it as a generator function (function*), ${REMEDY}`;

const NO_GENERATOR = `The orchestrator is not a generator function. Declare it as function*, not as a plain or an async function, ${REMEDY}`;

export const YIELDED_PROMISE =
  'The orchestrator yielded a promise. Only tasks of context.df can be yielded: move the asynchronous work into an activity and yield context.df.callActivity(...).';

const HAS_NO_NEXT = /next is not a function|reading 'next'/;

/** @param started what the orchestrator gave the SDK 2.x or 3.x when it was called. @param text what the SDK says. */
export function explainStarted(started: unknown, text: string): string {
  if (isThenable(started)) return ASYNC_FUNCTION;
  if (typeof started !== 'object' || started === null || !('next' in started)) return NO_GENERATOR;
  return Symbol.asyncIterator in started ? `${text} ${ASYNC_GENERATOR}` : text;
}

/** @param text what SDK 1.x says. @param stack of its error. */
export function explainSdk1Error(text: string, stack: string): string {
  return HAS_NO_NEXT.test(text) && new CallPlaces().isThrownBySdk1(stack) ? NO_GENERATOR : text;
}

export function isThenable(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}
