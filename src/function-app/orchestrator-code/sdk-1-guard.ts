/**
 * What SDK 1.x does not notice: a yielded promise, which it hands back as it is, and an async generator, whose `next` it calls
 * for ever without letting go of the thread. While an orchestrator of it runs, `next` of both kinds of generators looks at
 * what happens; nothing else is known to the outside of the SDK's loop. SDK 2.x and 3.x answer both with an error.
 */
import type { AnyFunction } from './api-watch.ts';
import type { CallPlaces } from './call-place.ts';

type Next = (this: unknown, ...args: unknown[]) => unknown;

interface GeneratorPrototype {
  next: Next;
}

export const ASYNC_GENERATOR =
  'The orchestrator is an async generator function (async function*). Declare it as function*, and yield the tasks of context.df instead of awaiting them.';

const YIELDED_PROMISE =
  'The orchestrator yielded a promise. Only tasks of context.df can be yielded: move the asynchronous work into an activity and yield context.df.callActivity(...).';

/** In a bundle the SDK cannot be told from other callers, but nobody else asks so often without waiting. */
const MAX_ASYNC_NEXT = 1000;

/** Prototypes are the process's; two guards do not overlap, since runs are synchronous. */
const SYNC = prototypeOf(function* () {
  /* Only its prototype counts. */
});
const ASYNC = prototypeOf(async function* () {
  /* Only its prototype counts. */
});

/** Makes the call of an orchestrator, which is synchronous up to the end of its run. */
export function guardSdk1<Result>(places: CallPlaces, call: () => Result): Result {
  const { next: syncNext } = SYNC;
  const { next: asyncNext } = ASYNC;
  let asyncCalls = 0;
  SYNC.next = function guarded(...args) {
    const step = Reflect.apply(syncNext, this, args) as { done?: boolean; value?: unknown };
    if (step.done !== true && isThenable(step.value) && isSdk(places, guarded)) {
      throw new TypeError(YIELDED_PROMISE);
    }
    return step;
  };
  ASYNC.next = function guarded(...args) {
    if (++asyncCalls > MAX_ASYNC_NEXT || isSdk(places, guarded)) {
      throw new TypeError(ASYNC_GENERATOR);
    }
    return Reflect.apply(asyncNext, this, args);
  };
  try {
    return call();
  } finally {
    SYNC.next = syncNext;
    ASYNC.next = asyncNext;
  }
}

function isSdk(places: CallPlaces, above: AnyFunction): boolean {
  return places.isCalledBySdk1(above);
}

function prototypeOf(generator: () => unknown): GeneratorPrototype {
  return Object.getPrototypeOf(generator.prototype) as GeneratorPrototype;
}

function isThenable(value: unknown): boolean {
  return (
    typeof value === 'object' &&
    value !== null &&
    'then' in value &&
    typeof value.then === 'function'
  );
}
