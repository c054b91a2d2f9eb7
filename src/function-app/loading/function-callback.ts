/** Which export of a classic function's script is the function. Mirrors worker/src/LegacyFunctionLoader.ts. */
import type { FunctionCallback } from '../programming-model.ts';

/**
 * @param entryPoint `entryPoint` of function.json, if it names one.
 * @throws {Error} with the naming rules, when nothing fits.
 */
export function findCallback(exported: unknown, entryPoint: string | undefined): FunctionCallback {
  if (typeof exported === 'function') return exported as FunctionCallback;
  const members = (typeof exported === 'object' && exported !== null ? exported : {}) as Record<
    string,
    unknown
  >;
  const name =
    entryPoint ??
    onlyKey(members) ??
    ['run', 'index', 'default'].find((key) => memberOf(members, key));
  if (name === undefined) {
    throw new Error(
      "Unable to determine function entry point. If multiple functions are exported, you must indicate the entry point, either by naming it 'run' or 'index', or by naming it explicitly via the 'entryPoint' metadata property.",
    );
  }
  const callback = memberOf(members, name);
  if (typeof callback !== 'function') {
    throw new Error(
      callback === undefined
        ? `Unable to determine function entry point: the script exports no '${name}'. If multiple functions are exported, you must indicate the entry point, either by naming it 'run' or 'index', or by naming it explicitly via the 'entryPoint' metadata property.`
        : `The resolved entry point is not a function and cannot be invoked by the functions runtime. Make sure the function has been correctly exported.`,
    );
  }
  // Classes and object literals use their own members through `this`.
  return (callback as FunctionCallback).bind(members);
}

/** Methods of a class count, but not what every object has, such as `constructor`. */
function memberOf(members: object, name: string): unknown {
  const isOfEveryObject = Object.hasOwn(Object.prototype, name) && !Object.hasOwn(members, name);
  return isOfEveryObject ? undefined : Reflect.get(members, name);
}

function onlyKey(members: Record<string, unknown>): string | undefined {
  const keys = Object.keys(members);
  return keys.length === 1 ? keys[0] : undefined;
}
