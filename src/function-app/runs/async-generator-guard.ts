/**
 * durable-functions 1.x asks the generator of an orchestrator for its next task until it gets one, without a pause. An
 * `async function*` answers promises for ever, so the process would hang, and no watchdog could stop it: the guard does, from
 * within. Later SDKs fail such orchestrators themselves.
 */
import type { FunctionCallback } from '../programming-model.ts';

interface AsyncGeneratorPrototype {
  next: (this: object, value: unknown) => Promise<unknown>;
}

/** So often code may ask the same generator again in one go; whoever awaits the answers asks once. */
const MAX_IMPATIENT_CALLS = 10;

/** The callback, which throws into whoever drives an async generator in an endless loop while it runs. */
export function guardAgainstAsyncGenerators(callback: FunctionCallback): FunctionCallback {
  return function (this: unknown, ...args) {
    const prototype = asyncGeneratorPrototype();
    const { next } = prototype;
    const calls = new WeakMap<object, number>();
    prototype.next = function (value) {
      const count = (calls.get(this) ?? 0) + 1;
      calls.set(this, count);
      if (count > MAX_IMPATIENT_CALLS) {
        throw new TypeError(
          'The orchestrator is an async generator (async function*), which durable-functions 1.x cannot run. Write it as a plain generator (function*) that yields its tasks and awaits nothing.',
        );
      }
      return next.call(this, value);
    };
    try {
      return Reflect.apply(callback, this, args);
    } finally {
      prototype.next = next;
    }
  };
}

/** What all async generators of the process inherit `next` from. */
function asyncGeneratorPrototype(): AsyncGeneratorPrototype {
  const make = async function* (): AsyncGenerator<number> {
    yield await Promise.resolve(0);
  };
  return Object.getPrototypeOf(make.prototype) as AsyncGeneratorPrototype;
}
