/**
 * The expressions in a binding's properties (`backups/{backupPath}`, `{rand-guid}`, `{datetime:yyyy-MM-dd}`), resolved for one
 * invocation from what its trigger offers. Mirrors BindingTemplate.Bind, SystemBindingData and BindingDataPathHelper of the
 * WebJobs SDK. Unlike there, an object in a path is an error, not an empty text.
 */
import { randomUUID } from 'node:crypto';
import { ownMember } from '../base/own-member.ts';
import { isRecord, parseRecord } from '../base/json.ts';
import { InvalidInputError } from '../core/errors.ts';
import type { TriggerMetadata } from '../function-app/binding-extension.ts';
import type { BindingInfo, LoadedFunction } from '../function-app/function-declaration.ts';
import { toValue } from '../function-app/rpc-typed-data.ts';
import { parseBindingTemplate, type TemplatePart } from './binding-template.ts';
import { formatUtc } from './date-format.ts';

/** What expressions are resolved from, and whose they are. */
export interface BindingUse {
  readonly fn: LoadedFunction;
  readonly binding: BindingInfo;
  readonly triggerMetadata: TriggerMetadata;
  /** @default the time of the call */
  readonly now?: Date;
}

/** Where in the template the expression stands: the text from the expression before it, and to the one behind it. */
export interface Surroundings {
  readonly before: string;
  readonly after: string;
}

const DEFAULT_DATE_FORMAT = 'yyyy-MM-ddTHH-mm-ssK';

/**
 * @param quote makes the value fit its place. @default as it is
 * @throws {InvalidInputError} that names function, binding and expression, when the trigger offers no such value.
 */
export function resolveBindingExpression(
  template: string,
  use: BindingUse,
  quote: (value: string, place: Surroundings) => string = (value) => value,
): string {
  try {
    const parts = parseBindingTemplate(template);
    return parts
      .map((part, index) => {
        if (part.kind === 'text') return part.text;
        const place = { before: literal(parts[index - 1]), after: literal(parts[index + 1]) };
        return quote(textOf(valueAt(part.path, use), part.format), place);
      })
      .join('');
  } catch (error) {
    if (!(error instanceof InvalidInputError)) throw error;
    throw new InvalidInputError(
      `The binding '${use.binding.name}' of function '${use.fn.name}': '${template}' cannot be resolved. ${error.message}`,
      { cause: error },
    );
  }
}

function literal(part: TemplatePart | undefined): string {
  return part?.kind === 'text' ? part.text : '';
}

function valueAt([name, ...members]: readonly [string, ...string[]], use: BindingUse): unknown {
  let value = dataNamed(name, use) ?? builtIn(name, use);
  if (value === undefined || value === null) {
    throw new InvalidInputError(
      `No value for named parameter '${name}'. The trigger offers ${offeredNames(use).join(', ') || 'none'}.`,
    );
  }
  for (const member of members) {
    value = memberOf(asObject(value), member);
    if (value === undefined) {
      throw new InvalidInputError(`Error while accessing '${member}': property doesn't exist.`);
    }
  }
  return value;
}

function dataNamed(name: string, { triggerMetadata }: BindingUse): unknown {
  if (name.toLowerCase() === 'sys') return undefined; // a snapshot for user code; here it is made anew
  return toValue(memberOf(triggerMetadata, name));
}

function builtIn(name: string, { fn, now = new Date() }: BindingUse): unknown {
  switch (name.toLowerCase()) {
    case 'rand-guid':
      return new Guid();
    case 'datetime':
      return now;
    case 'sys':
      return { MethodName: fn.name, UtcNow: now, RandGuid: new Guid() };
    default:
      return undefined;
  }
}

/** The object, also when it is in its JSON text; an empty one for anything else. */
function asObject(value: unknown): Readonly<Record<string, unknown>> {
  if (typeof value === 'string' && /^\s*\{.*\}\s*$/s.test(value)) {
    return parseRecord(value) ?? {};
  }
  return isRecord(value) ? value : {};
}

function memberOf<T>(object: Readonly<Record<string, T>>, name: string): T | undefined {
  const own = ownMember(object, name);
  if (own !== undefined) return own;
  const lower = name.toLowerCase();
  return Object.entries(object).find(([key]) => key.toLowerCase() === lower)?.[1];
}

function offeredNames({ triggerMetadata }: BindingUse): readonly string[] {
  return Object.keys(triggerMetadata).map((name) => `'${name}'`);
}

function textOf(value: unknown, format: string | undefined): string {
  if (value instanceof Date) return formatUtc(value, format ?? DEFAULT_DATE_FORMAT);
  if (value instanceof Guid) return value.toText(format);
  switch (typeof value) {
    case 'string':
      return value;
    case 'number':
    case 'bigint':
      return String(value);
    case 'boolean':
      return value ? 'True' : 'False'; // as .NET writes them
    default:
      if (value === null) return '';
      throw new InvalidInputError(
        `The value is an object or a list, and only texts, numbers and booleans fit here: name one of its members.`,
      );
  }
}

class Guid {
  readonly #dashed: string = randomUUID();

  toText(format = 'D'): string {
    switch (format.toUpperCase()) {
      case 'D':
        return this.#dashed;
      case 'N':
        return this.#dashed.replaceAll('-', '');
      case 'B':
        return `{${this.#dashed}}`;
      case 'P':
        return `(${this.#dashed})`;
      default:
        throw new InvalidInputError(`'${format}' is not a GUID format. Use N, D, B or P.`);
    }
  }
}
