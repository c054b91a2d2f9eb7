/**
 * The inline constraints of ASP.NET routes (`{id:int:min(1)}`): a table from name to a test on the decoded value.
 * Mirrors the default ConstraintMap of Microsoft.AspNetCore.Routing.RouteOptions.
 */
import { ownMember } from '../base/own-member.ts';
import { TimedPattern } from './timed-pattern.ts';

export interface RouteConstraint {
  /** As written, for messages: `length(2,5)`. */
  readonly reference: string;
  /** An absent value (an optional parameter that the path lacks) is not asked about. @throws {SlowPatternError} */
  readonly accepts: (value: string) => boolean;
}

type Test = (value: string) => boolean;
/** Makes the test from the arguments, or says what is wrong with them. */
type ConstraintMaker = (args: readonly string[]) => Test | string;

/** `length(2,5)` → constraint, or a sentence saying what is wrong with it. */
export function parseConstraint(reference: string): RouteConstraint | string {
  const [, name = '', inner] = /^([^(]*)(?:\((.*)\))?$/s.exec(reference.trim()) ?? [];
  const maker = ownMember(CONSTRAINTS, name.toLowerCase());
  if (maker === undefined) {
    return `the constraint '${reference}' is unknown; known are ${Object.keys(CONSTRAINTS).join(', ')}.`;
  }
  const isRegex = name.toLowerCase() === 'regex';
  const args = inner === undefined ? [] : isRegex ? [inner] : inner.split(',').map((a) => a.trim());
  const test = maker(args);
  return typeof test === 'string'
    ? `the constraint '${reference}' ${test}`
    : { reference, accepts: test };
}

const CONSTRAINTS: Readonly<Record<string, ConstraintMaker>> = {
  int: plain((value) => isBetween(toInteger(value), -(2n ** 31n), 2n ** 31n - 1n)),
  long: plain((value) => isBetween(toInteger(value), -(2n ** 63n), 2n ** 63n - 1n)),
  bool: plain((value) => /^\s*(true|false)\s*$/i.test(value)),
  datetime: plain(isDateTime),
  decimal: plain((value) => /^\s*[+-]?(\d[\d,]*(\.\d*)?|\.\d+)[+-]?\s*$/.test(value)),
  double: plain(isFloatingPoint),
  float: plain(isFloatingPoint),
  guid: plain((value) => GUID.test(value.trim())),
  alpha: plain((value) => /^[a-z]*$/i.test(value)),
  required: plain((value) => value !== ''),
  file: plain(isFileName),
  nonfile: plain((value) => !isFileName(value)),
  minlength: numeric(
    1,
    ([least = 0n]) =>
      (value) =>
        value.length >= least,
  ),
  maxlength: numeric(
    1,
    ([most = 0n]) =>
      (value) =>
        value.length <= most,
  ),
  length: numeric(2, ([least = 0n, most = least]) => (value) => {
    return value.length >= least && value.length <= most;
  }),
  min: numeric(
    1,
    ([least = 0n]) =>
      (value) =>
        isBetween(toInteger(value), least, 2n ** 63n - 1n),
  ),
  max: numeric(
    1,
    ([most = 0n]) =>
      (value) =>
        isBetween(toInteger(value), -(2n ** 63n), most),
  ),
  range: numeric(2, ([least = 0n, most]) =>
    most === undefined ? 'needs two numbers.' : (value) => isBetween(toInteger(value), least, most),
  ),
  regex: ([pattern]) => {
    if (pattern === undefined) return 'needs a regular expression.';
    try {
      const regex = new TimedPattern(new RegExp(pattern, 'i'));
      return (value) => regex.test(value);
    } catch (error) {
      return `is not a regular expression: ${(error as Error).message}.`;
    }
  },
};

function plain(test: Test): ConstraintMaker {
  return (args) => (args.length === 0 ? test : 'takes no arguments.');
}

function numeric(
  most: number,
  make: (values: readonly bigint[]) => Test | string,
): ConstraintMaker {
  return (args) => {
    const values = args.map(toInteger).filter((value) => value !== undefined);
    if (values.length !== args.length || args.length < 1 || args.length > most) {
      return `needs ${most === 1 ? 'one whole number' : 'whole numbers'} in parentheses.`;
    }
    return make(values);
  };
}

function toInteger(text: string): bigint | undefined {
  return /^\s*[+-]?\d+\s*$/.test(text) ? BigInt(text.trim().replace(/^\+/, '')) : undefined;
}

function isBetween(value: bigint | undefined, least: bigint, most: bigint): boolean {
  return value !== undefined && value >= least && value <= most;
}

function isFloatingPoint(value: string): boolean {
  return /^\s*([+-]?(\d[\d,]*(\.\d*)?|\.\d+)(e[+-]?\d+)?|NaN|[+-]?Infinity|-?∞)\s*$/i.test(value);
}

const GUID =
  /^([\da-f]{32}|[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}|\{[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\}|\([\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}\))$/i;

/** ISO 8601 (date, date and time, with or without offset) and the invariant culture's `12/31/2026 11:59:59 PM`. */
function isDateTime(value: string): boolean {
  const text = value.trim();
  const iso = /^(\d{4})-(\d{1,2})-(\d{1,2})([T ].+)?$/.exec(text);
  const invariant = /^(\d{1,2})\/(\d{1,2})\/(\d{4})( .+)?$/.exec(text);
  const [year, month, day, time] = iso
    ? [iso[1], iso[2], iso[3], iso[4]]
    : [invariant?.[3], invariant?.[1], invariant?.[2], invariant?.[4]];
  const date = new Date(Date.UTC(Number(year), Number(month) - 1, Number(day)));
  const isDate = date.getUTCMonth() === Number(month) - 1 && date.getUTCDate() === Number(day);
  return isDate && (time === undefined || TIME.test(time.slice(1)));
}

const TIME =
  /^(([01]?\d|2[0-3]):[0-5]\d(:[0-5]\d(\.\d{1,7})?)?|(0?[1-9]|1[0-2])(:[0-5]\d){1,2} ?[AP]M)( ?(Z|[+-]\d{2}:?\d{2}))?$/i;

function isFileName(value: string): boolean {
  const last = value.slice(value.lastIndexOf('/') + 1);
  const dot = last.indexOf('.');
  return dot >= 0 && dot < last.length - 1;
}
