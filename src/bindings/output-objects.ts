/**
 * The value of an output that takes JSON objects: one, a list of them, or the JSON text of either. Mirrors
 * FunctionBinding.ReadAsEnumerable and BindAsyncCollectorAsync of the Functions host.
 */
import { isRecord, parseJson } from '../base/json.ts';
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
    if (isRecord(object)) return object;
    throw new InvalidInputError(
      `The output binding '${use.binding.name}' of function '${use.fn.name}' takes an object, a list of objects, or the JSON text of either, but it was given ${describe(object)}.`,
    );
  });
}

function parsed(value: unknown): unknown {
  const text = Buffer.isBuffer(value) ? value.toString('utf8') : value;
  if (typeof text !== 'string' || !/^\s*[[{]/.test(text)) return text;
  const content = parseJson(text);
  return content === undefined ? text : content;
}

/** Without its content, which may be secret. */
function describe(value: unknown): string {
  if (value === null || value === undefined) return 'null';
  return Array.isArray(value) ? 'a list within the list' : `a ${typeof value}`;
}
