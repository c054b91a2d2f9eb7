/**
 * The `filter` of a table input, an OData text, with values of the trigger in it. They may come from outside, so they can never
 * become more of the filter than one value. Mirrors TableFilterFormatter of the WebJobs SDK.
 */
import { InvalidInputError } from '../core/errors.ts';
import { type BindingUse, resolveBindingExpression } from './binding-expression.ts';

const BARE_VALUE = /^(?:true|false|[-+]?\d+(?:\.\d+)?(?:e[-+]?\d+)?)$/i;

/** @throws {InvalidInputError} for a value outside of quotes that is neither number nor boolean. */
export function resolveTableFilter(filter: string, use: BindingUse): string {
  // A filter that is one expression and nothing else was meant to come from the trigger as a whole.
  if (/^\{[^{}]*\}$/.test(filter)) return resolveBindingExpression(filter, use);
  return resolveBindingExpression(filter, use, (value, { before, after }) => {
    if (before.endsWith("'") && after.startsWith("'")) return value.replaceAll("'", "''");
    if (BARE_VALUE.test(value)) return value.toLowerCase();
    throw new InvalidInputError(
      `The value '${value.slice(0, 100)}' is neither a number nor true or false: put the expression in single quotes.`,
    );
  });
}

/** `name eq 'value'` */
export function equals(name: string, value: string): string {
  return `${name} eq '${value.replaceAll("'", "''")}'`;
}
