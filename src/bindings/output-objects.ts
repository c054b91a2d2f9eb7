/**
 * The value of an output that takes JSON objects: one, a list of them, or the JSON text of either. Mirrors
 * FunctionBinding.ReadAsEnumerable and BindAsyncCollectorAsync of the Functions host.
 */
import { InvalidInputError } from '../core/errors.ts';
import { type RpcTypedData, toValue } from '../function-app/rpc-typed-data.ts';
import type { BindingUse } from './binding-expression.ts';

export type JsonObject = Readonly<Record<string, unknown>>;

/** @throws {InvalidInputError} that names function and binding, when there is something else among them. */
export function outputObjects(value: RpcTypedData, use: BindingUse): readonly JsonObject[] {
  const given = parsed(toValue(value));
  const items: readonly unknown[] = Array.isArray(given) ? given : [given];
  return items.map((item) => {
    const object = parsed(item);
    if (isObject(object)) return object;
    throw new InvalidInputError(
      `The output binding '${use.binding.name}' of function '${use.fn.name}' takes an object, a list of objects, or the JSON text of either, but it was given ${describe(object)}.`,
    );
  });
}

function parsed(value: unknown): unknown {
  const text = Buffer.isBuffer(value) ? value.toString('utf8') : value;
  if (typeof text !== 'string' || !/^\s*[[{]/.test(text)) return text;
  try {
    return JSON.parse(text) as unknown;
  } catch (error) {
    if (error instanceof SyntaxError) return text;
    throw error;
  }
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Without its content, which may be secret. */
function describe(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  return Array.isArray(value) ? 'a list within the list' : `a ${typeof value}`;
}
