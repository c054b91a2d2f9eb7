/**
 * The text of a binding property that holds expressions in braces, taken apart: `backups/{name}.{ext}`. Doubled braces stand for
 * themselves. Mirrors BindingTemplateParser and BindingTemplateToken of the WebJobs SDK.
 */
import { InvalidInputError } from '../core/errors.ts';

export type TemplatePart =
  | { readonly kind: 'text'; readonly text: string }
  /** `{data.day:yyyy}` is the path data, day in the format yyyy. */
  | {
      readonly kind: 'expression';
      readonly path: readonly [string, ...string[]];
      readonly format: string | undefined;
    };

const TOKEN = /\{\{|\}\}|\{([^{}]*)\}|[^{}]+|[{}]/g;

/** Names of today's .NET parser; `rand-guid` is the only first name with a dash. */
const FIRST_NAME = /^(?:[\p{L}_][\p{L}\p{N}_]*|rand-guid)$/iu;
const FURTHER_NAME = /^[\p{L}\p{N}_-]+$/u;

/** @throws {InvalidInputError} for braces without their partners, and for what is no expression. */
export function parseBindingTemplate(template: string): readonly TemplatePart[] {
  return Array.from(template.matchAll(TOKEN), (match): TemplatePart => {
    const [token, expression] = match;
    if (expression !== undefined) return parseExpression(expression, template, match.index);
    if (token === '{{' || token === '}}') return { kind: 'text', text: token.slice(1) };
    if (token !== '{' && token !== '}') return { kind: 'text', text: token };
    const missing = token === '{' ? 'closing' : 'opening';
    throw new InvalidInputError(
      `Invalid template '${template}'. Missing ${missing} bracket at position ${match.index + 1}.`,
    );
  });
}

function parseExpression(expression: string, template: string, index: number): TemplatePart {
  if (expression === '') {
    throw new InvalidInputError(
      `Invalid template '${template}'. The parameter name at position ${index + 1} is empty.`,
    );
  }
  const colon = expression.indexOf(':');
  const names = colon < 0 ? expression : expression.slice(0, colon);
  const format = colon < 0 ? '' : expression.slice(colon + 1);
  const [first = '', ...further] = names.split('.');
  if (!FIRST_NAME.test(first) || !further.every((name) => FURTHER_NAME.test(name))) {
    throw new InvalidInputError(
      `Invalid template '${template}'. Invalid template expression '${expression}'.`,
    );
  }
  return {
    kind: 'expression',
    path: [first, ...further],
    format: format.trim() === '' ? undefined : format,
  };
}
