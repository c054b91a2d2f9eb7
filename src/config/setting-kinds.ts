/** The kinds of settings: integers, durations, flags, texts, choices, lists. Values arrive as text, as in .NET configuration. */
import {
  declare,
  type ComputedDefault,
  type Declaration,
  type OptionalDeclaration,
  type Setting,
} from './setting.ts';
import type { SettingsNode } from './settings-node.ts';
import { formatTimeSpan, isLoneNumber, parseTimeSpan } from '../base/timespan.ts';

const INT32_MAX = 2_147_483_647;

/** @param range both ends included; without `max`, the largest Int32. */
export function integer(
  declaration: Declaration<number> & { readonly min: number; readonly max?: number },
): Setting<number> {
  const { min, max } = declaration;
  return declare(declaration, {
    expected: integerRange(min, max),
    show: String,
    parse: (node) => inRange(parseInteger(node), min, max ?? INT32_MAX),
  });
}

/** A duration in milliseconds. `min`, `max` (both included) and the default are TimeSpan text. */
export function timeSpan(
  declaration: Omit<Declaration<number>, 'default'> & {
    readonly default: string | ComputedDefault<number>;
    readonly min: string;
    readonly max: string;
  },
): Setting<number> {
  const standard = declaration.default;
  return declare(
    {
      ...declaration,
      default:
        typeof standard === 'string' ? { text: standard, of: () => msOf(standard) } : standard,
    },
    {
      expected: `a TimeSpan 'hh:mm:ss' between ${declaration.min} and ${declaration.max}`,
      show: formatTimeSpan,
      parse: (node) => inRange(parseDuration(node), msOf(declaration.min), msOf(declaration.max)),
      caution: (node) =>
        node.kind === 'value' && isLoneNumber(node.text) && Number(node.text) > 0
          ? `a lone number means days; ${node.text.trim()} seconds are written '${formatTimeSpan(Number(node.text) * 1000)}'`
          : undefined,
    },
  );
}

export function flag(declaration: Declaration<boolean>): Setting<boolean> {
  return declare(declaration, {
    expected: 'true or false',
    show: String,
    parse: (node) => {
      const text = textOf(node)?.trim().toLowerCase();
      return text === 'true' || text === 'false' ? { value: text === 'true' } : undefined;
    },
  });
}

/** Any text; numbers and booleans are taken as spelled. */
export function text(declaration: Declaration<string>): Setting<string> {
  return declare(declaration, { expected: 'a string', show: String, parse: parseText });
}

/** Text of one form. @param declaration.form what completes the sentence `Route must be …`, and what such a text looks like. */
export function formedText(
  declaration: Declaration<string> & {
    readonly form: { readonly expected: string; readonly pattern: RegExp };
  },
): Setting<string> {
  const { expected, pattern } = declaration.form;
  return declare(declaration, {
    expected,
    show: String,
    parse: (node) => {
      const parsed = parseText(node);
      return parsed !== undefined && pattern.test(parsed.value) ? parsed : undefined;
    },
  });
}

/** Text that may be absent. */
export function optionalText(
  declaration: OptionalDeclaration<string>,
): Setting<string | undefined> {
  return declare<string | undefined>(
    { ...declaration, default: undefined },
    { expected: 'a string', show: () => '', parse: parseText },
  );
}

/** The address of something on the web; may be absent. */
export function optionalHttpUrl(
  declaration: OptionalDeclaration<string>,
): Setting<string | undefined> {
  return declare<string | undefined>(
    { ...declaration, default: undefined },
    {
      expected: "a URL that begins with 'http://' or 'https://'",
      show: () => '',
      parse: (node) => {
        const value = textOf(node)?.trim() ?? '';
        return /^https?:\/\//i.test(value) && URL.canParse(value) ? { value } : undefined;
      },
    },
  );
}

/** One of `values`, in any case. */
export function choice<const V extends string>(
  declaration: Declaration<NoInfer<V>> & {
    readonly values: readonly V[];
    readonly explain?: (text: string) => string | undefined;
  },
): Setting<V> {
  const { values, explain } = declaration;
  return declare<V>(declaration, {
    expected: `one of ${values.map((value) => `'${value}'`).join(', ')}`,
    show: String,
    parse: (node) => parseChoice(node, values),
    explain: (node) => (node.kind === 'value' ? explain?.(node.text) : undefined),
  });
}

/** A list of texts, each one of `values` when given; absent when not set or empty. */
export function optionalTextList(
  declaration: OptionalDeclaration<readonly string[]> & { readonly values?: readonly string[] },
): Setting<readonly string[] | undefined> {
  const { values } = declaration;
  return declare<readonly string[] | undefined>(
    { ...declaration, default: undefined },
    {
      expected:
        values === undefined
          ? 'a list of strings'
          : `a list of ${values.map((value) => `'${value}'`).join(', ')}`,
      show: () => '',
      parse: (node) =>
        parseList(node, (item) =>
          values === undefined ? parseText(item) : parseChoice(item, values),
        ),
    },
  );
}

export function optionalIntegerList(
  declaration: OptionalDeclaration<readonly number[]> & {
    readonly min: number;
    readonly max: number;
  },
): Setting<readonly number[] | undefined> {
  const { min, max } = declaration;
  return declare<readonly number[] | undefined>(
    { ...declaration, default: undefined },
    {
      expected: `a list of integers between ${min} and ${max}`,
      show: () => '',
      parse: (node) => parseList(node, (item) => inRange(parseInteger(item), min, max)),
    },
  );
}

function parseText(node: SettingsNode): { readonly value: string } | undefined {
  const value = textOf(node);
  return value === undefined ? undefined : { value };
}

export function textOf(node: SettingsNode): string | undefined {
  return node.kind === 'value' ? node.text : undefined;
}

function integerRange(min: number, max: number | undefined): string {
  if (max !== undefined) {
    return `an integer value between ${min} and ${max}`;
  }
  switch (min) {
    case 0:
      return 'a non-negative integer value';
    case 1:
      return 'a positive integer value';
    default:
      return `an integer value of at least ${min}`;
  }
}

function parseInteger(node: SettingsNode): number | undefined {
  const value = textOf(node)?.trim() ?? '';
  return /^[+-]?\d+$/.test(value) ? Number(value) : undefined;
}

function parseDuration(node: SettingsNode): number | undefined {
  const value = textOf(node);
  return value === undefined ? undefined : parseTimeSpan(value);
}

function parseChoice<V extends string>(
  node: SettingsNode,
  values: readonly V[],
): { readonly value: V } | undefined {
  const wanted = textOf(node)?.trim().toLowerCase();
  const value = values.find((candidate) => candidate.toLowerCase() === wanted);
  return value === undefined ? undefined : { value };
}

/** A JSON list, or the same given by environment variables: members named 0, 1, 2… */
function parseList<T>(
  node: SettingsNode,
  parseItem: (item: SettingsNode) => { readonly value: T } | undefined,
): { readonly value: readonly T[] | undefined } | undefined {
  if (node.kind !== 'section') {
    return undefined;
  }
  const values: T[] = [];
  const members = [...node.members].sort(([a], [b]) => Number(a) - Number(b));
  for (const [key, member] of members) {
    const parsed = /^\d+$/.test(key) ? parseItem(member.node) : undefined;
    if (parsed === undefined) {
      return undefined;
    }
    values.push(parsed.value);
  }
  return { value: values.length === 0 ? undefined : values };
}

function inRange(
  value: number | undefined,
  min: number,
  max: number,
): { readonly value: number } | undefined {
  return value === undefined || value < min || value > max ? undefined : { value };
}

function msOf(timeSpanText: string): number {
  const ms = parseTimeSpan(timeSpanText);
  if (ms === undefined) {
    throw new RangeError(`'${timeSpanText}' in the declaration of a setting is not a TimeSpan`);
  }
  return ms;
}
