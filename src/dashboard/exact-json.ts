/**
 * JSON as it was stored. JSON.parse rounds large numbers, and an id of 20 digits would be shown wrong: such numbers are kept as the
 * text that they were.
 */

export type Json =
  | null
  | boolean
  | number
  | string
  | ExactNumber
  | readonly Json[]
  | { readonly [name: string]: Json };

/** A number that JavaScript cannot hold as it is spelled. */
export class ExactNumber {
  readonly source: string;

  constructor(source: string) {
    this.source = source;
  }
}

interface ReviverContext {
  readonly source?: string;
}

/** @throws {SyntaxError} Browsers that do not tell how a number was spelled round it, as ever. */
export function parseExact(text: string): Json {
  const revive = (_key: string, value: unknown, context?: ReviverContext): unknown => {
    if (typeof value !== 'number' || context?.source === undefined) return value;
    return String(value) === context.source || isSame(value, context.source)
      ? value
      : new ExactNumber(context.source);
  };
  return JSON.parse(text, revive) as Json;
}

/** `1.50` and `1e2` may be shown as 1.5 and 100. */
function isSame(value: number, source: string): boolean {
  return /^-?[\d.]{1,15}(?:[eE][+-]?\d{1,2})?$/.test(source) && Number.isFinite(value);
}

export function isObject(value: Json): value is { readonly [name: string]: Json } {
  return (
    typeof value === 'object' &&
    value !== null &&
    !Array.isArray(value) &&
    !(value instanceof ExactNumber)
  );
}

export function isList(value: Json): value is readonly Json[] {
  return Array.isArray(value);
}

/** As people read it; short, without line breaks, when `indent` is 0. */
export function jsonText(value: Json, indent = 2): string {
  return textOf(value, '', indent);
}

function textOf(value: Json, margin: string, indent: number): string {
  if (value instanceof ExactNumber) return value.source;
  const inner = margin + ' '.repeat(indent);
  const [open, end, gap] =
    indent === 0 ? ['', '', ', '] : [`\n${inner}`, `\n${margin}`, `,\n${inner}`];
  if (isList(value)) {
    if (value.length === 0) return '[]';
    return `[${open}${value.map((each) => textOf(each, inner, indent)).join(gap)}${end}]`;
  }
  if (isObject(value)) {
    const members = Object.entries(value);
    if (members.length === 0) return '{}';
    const texts = members.map(
      ([name, member]) => `${JSON.stringify(name)}: ${textOf(member, inner, indent)}`,
    );
    return `{${open}${texts.join(gap)}${end}}`;
  }
  return JSON.stringify(value);
}
