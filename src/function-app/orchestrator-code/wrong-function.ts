/**
 * Orchestrators that are no generator functions, yield what is no task, or return what is no result: what to tell whoever wrote
 * them. The texts that the SDKs have for some of it are kept; for the rest they only say that something has no `next`, or nothing.
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
  // Whatever the SDK says then is about the promises that it took for steps.
  return Symbol.asyncIterator in started ? ASYNC_GENERATOR : text;
}

/** @param text what SDK 1.x says. @param stack of its error. */
export function explainSdk1Error(text: string, stack: string): string {
  return HAS_NO_NEXT.test(text) && new CallPlaces().isThrownBySdk1(stack) ? NO_GENERATOR : text;
}

/**
 * Why what an orchestrator returned cannot be its result; undefined when it can. Looks at the value, its elements and members,
 * and no deeper.
 */
export function explainReturned(output: unknown): string | undefined {
  const problem = problemOf(output);
  if (problem !== undefined) return `The orchestrator returned ${problem}`;
  if (typeof output !== 'object' || output === null || ArrayBuffer.isView(output)) return undefined;
  for (const key of Object.keys(output)) {
    // A getter may do anything.
    const value: unknown = Object.getOwnPropertyDescriptor(output, key)?.value;
    const inner = problemOf(value);
    // JSON leaves functions out, such as methods: they may be meant.
    if (inner !== undefined && typeof value !== 'function') {
      return `The orchestrator returned a value that holds ${inner}`;
    }
  }
  return undefined;
}

function problemOf(value: unknown): string | undefined {
  if (typeof value === 'function') {
    return 'a function, of which nothing is stored: call it, and return what it gives.';
  }
  if (isTask(value)) {
    return 'a task instead of its result. Yield it (return yield context.df.callActivity(...)): a task that is never yielded does not run.';
  }
  if (isThenable(value)) {
    return 'a promise, of which nothing is stored: move the asynchronous work into an activity and yield context.df.callActivity(...).';
  }
  return undefined;
}

/** Of any SDK. */
function isTask(value: unknown): boolean {
  if (typeof value !== 'object' || value === null) return false;
  if (!('isCompleted' in value && 'isFaulted' in value)) return false;
  const { yieldNewActions, setValue } = value as Readonly<Record<string, unknown>>;
  return typeof yieldNewActions === 'function' || typeof setValue === 'function';
}

export function isThenable(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}
