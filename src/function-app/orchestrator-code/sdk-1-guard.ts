/**
 * A promise that an orchestrator yields: SDK 1.x hands it back as it is, and the orchestrator goes on with a promise in place of
 * a result. While one of its orchestrators runs, `next` of all generators looks at what is yielded to the SDK. SDK 2.x and 3.x
 * answer with an error themselves.
 */
import type { CallPlaces } from './call-place.ts';
import { isThenable, YIELDED_PROMISE } from './wrong-function.ts';

interface GeneratorPrototype {
  next: (this: unknown, ...args: unknown[]) => { done?: boolean; value?: unknown };
}

/** Makes the call of an orchestrator, which is synchronous up to the end of its run. */
export function guardSdk1<Result>(places: CallPlaces, call: () => Result): Result {
  const prototype = generatorPrototype();
  const { next } = prototype;
  prototype.next = function guarded(...args) {
    const step = Reflect.apply(next, this, args);
    // Compiled async functions yield promises, too, but not to the SDK.
    if (step.done !== true && isThenable(step.value) && places.isCalledBySdk1(guarded)) {
      throw new TypeError(YIELDED_PROMISE);
    }
    return step;
  };
  try {
    return call();
  } finally {
    prototype.next = next;
  }
}

/** What all generators of the process inherit `next` from. */
function generatorPrototype(): GeneratorPrototype {
  const make = function* (): Generator<undefined> {
    yield undefined;
  };
  return Object.getPrototypeOf(make.prototype) as GeneratorPrototype;
}
