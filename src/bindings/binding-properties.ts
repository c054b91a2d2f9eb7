/** The properties of a binding by their names, which the Functions host compares without case. */
import { InvalidInputError } from '../core/errors.ts';
import type { BindingInfo } from '../function-app/function-declaration.ts';
import { parseBindingTemplate } from './binding-template.ts';

/** The property as text; undefined when it is absent, empty, or neither text nor number. @param names of which the first present counts. */
export function textProperty(
  binding: BindingInfo,
  ...names: readonly string[]
): string | undefined {
  const value = property(binding, names);
  const text = typeof value === 'number' ? String(value) : value;
  return typeof text === 'string' && text !== '' ? text : undefined;
}

export function flagProperty(binding: BindingInfo, name: string): boolean {
  const value = property(binding, [name]);
  return value === true || (typeof value === 'string' && value.toLowerCase() === 'true');
}

/** A whole number above zero; undefined when it is absent or zero. @throws {InvalidInputError} for anything else. */
export function countProperty(
  binding: BindingInfo,
  ...names: readonly string[]
): number | undefined {
  const text = textProperty(binding, ...names);
  if (text === undefined || text === '0') return undefined;
  if (/^\d+$/.test(text)) return Number(text);
  throw new InvalidInputError(
    `its '${names.join("' or '")}' must be a whole number, not '${text}'.`,
  );
}

/**
 * Why the binding cannot work, whatever the trigger says: a property that is missing, or whose expressions are no expressions.
 * For `BindingExtension.supports`.
 */
export function problemOfProperties(
  binding: BindingInfo,
  required: readonly (readonly string[])[],
  optional: readonly string[],
): string | undefined {
  const missing = required.find((names) => textProperty(binding, ...names) === undefined);
  if (missing !== undefined) return `it needs '${missing.join("' or '")}'.`;
  for (const name of [...required.flat(), ...optional]) {
    try {
      parseBindingTemplate(textProperty(binding, name) ?? '');
    } catch (error) {
      if (error instanceof InvalidInputError) return `its '${name}': ${error.message}`;
      throw error;
    }
  }
  return undefined;
}

function property(binding: BindingInfo, names: readonly string[]): unknown {
  const wanted = names.map((name) => name.toLowerCase());
  return Object.entries(binding).find(
    ([name, value]) => wanted.includes(name.toLowerCase()) && value !== undefined && value !== null,
  )?.[1];
}
