/**
 * UTC times in the custom and standard formats of .NET, in the invariant culture, for `{datetime:yyyy-MM-dd}`. Mirrors
 * DateTime.ToString(format, CultureInfo.InvariantCulture).
 */
import { ownMember } from '../base/own-member.ts';
import { InvalidInputError } from '../core/errors.ts';

const DAYS = ['Sunday', 'Monday', 'Tuesday', 'Wednesday', 'Thursday', 'Friday', 'Saturday'];
const MONTHS = [
  'January',
  'February',
  'March',
  'April',
  'May',
  'June',
  'July',
  'August',
  'September',
  'October',
  'November',
  'December',
];

/** What a format of one letter stands for. */
const STANDARD_FORMATS: Readonly<Record<string, string>> = {
  d: 'MM/dd/yyyy',
  D: 'dddd, dd MMMM yyyy',
  f: 'dddd, dd MMMM yyyy HH:mm',
  F: 'dddd, dd MMMM yyyy HH:mm:ss',
  g: 'MM/dd/yyyy HH:mm',
  G: 'MM/dd/yyyy HH:mm:ss',
  m: 'MMMM dd',
  M: 'MMMM dd',
  o: "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK",
  O: "yyyy'-'MM'-'dd'T'HH':'mm':'ss'.'fffffffK",
  r: "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'",
  R: "ddd, dd MMM yyyy HH':'mm':'ss 'GMT'",
  s: "yyyy'-'MM'-'dd'T'HH':'mm':'ss",
  t: 'HH:mm',
  T: 'HH:mm:ss',
  u: "yyyy'-'MM'-'dd HH':'mm':'ss'Z'",
  U: 'dddd, dd MMMM yyyy HH:mm:ss',
  y: 'yyyy MMMM',
  Y: 'yyyy MMMM',
};

/** A quoted text, an escaped character, a single custom letter, or a letter and its repetitions. */
const TOKEN = /'([^']*)'|"([^"]*)"|\\(.)|%(.)|(.)\5*/gsu;

/** @throws {InvalidInputError} for a single letter that is no standard format. */
export function formatUtc(date: Date, format: string): string {
  const custom = format.length === 1 ? ownMember(STANDARD_FORMATS, format) : format;
  if (custom === undefined) {
    throw new InvalidInputError(
      `'${format}' is not a date format. Use letters such as yyyy-MM-dd, or %${format} for one letter alone.`,
    );
  }
  return custom.replace(
    TOKEN,
    (token, single?: string, double?: string, escaped?: string, alone?: string) =>
      single ?? double ?? escaped ?? part(date, alone ?? token),
  );
}

function part(date: Date, token: string): string {
  const { length } = token;
  const digits = (value: number): string => String(value).padStart(length, '0');
  const year = date.getUTCFullYear();
  switch (token.charAt(0)) {
    case 'y':
      return length <= 2 ? digits(year % 100) : digits(year);
    case 'M':
      return length <= 2 ? digits(date.getUTCMonth() + 1) : named(MONTHS, date.getUTCMonth());
    case 'd':
      return length <= 2 ? digits(date.getUTCDate()) : named(DAYS, date.getUTCDay());
    case 'H':
      return digits2(date.getUTCHours());
    case 'h':
      return digits2(date.getUTCHours() % 12 === 0 ? 12 : date.getUTCHours() % 12);
    case 'm':
      return digits2(date.getUTCMinutes());
    case 's':
      return digits2(date.getUTCSeconds());
    case 'f':
      return fraction();
    case 'F':
      return fraction().replace(/0+$/, '');
    case 't':
      return (date.getUTCHours() < 12 ? 'AM' : 'PM').slice(0, length);
    case 'g':
      return 'A.D.';
    case 'K':
      return 'Z'.repeat(length);
    case 'z':
      return ['+0', '+00'][length - 1] ?? '+00:00';
    default:
      return token;
  }

  function digits2(value: number): string {
    return length === 1 ? String(value) : String(value).padStart(2, '0');
  }
  function fraction(): string {
    return `${String(date.getUTCMilliseconds()).padStart(3, '0')}0000`.slice(0, length);
  }
  function named(names: readonly string[], index: number): string {
    const name = names[index] ?? '';
    return length === 3 ? name.slice(0, 3) : name;
  }
}
