/**
 * .NET TimeSpan text, the form of every duration in host.json: `[-][d.]hh:mm[:ss[.fffffff]]`, or a lone number of days.
 *
 * Mirrors TimeSpan.TryParse with the invariant culture, surprises included: `10` is ten days, and `24:00:00` is 24 days,
 * because a first number that cannot be hours is taken as days.
 */
const MS_PER_SECOND = 1000;
const MS_PER_MINUTE = 60 * MS_PER_SECOND;
const MS_PER_HOUR = 60 * MS_PER_MINUTE;
const MS_PER_DAY = 24 * MS_PER_HOUR;
/** TimeSpan.MaxValue, 10675199.02:48:05.4775807, rounded up: a double has no more digits there. */
const MAX_MS = 922_337_203_685_478;

const ONLY_DAYS = /^(\d+)$/;
const CLOCK = /^(?:(\d+)\.)?(\d+):(\d+)(?::(\d+)(?:\.(\d{1,7}))?)?$/;
const FOUR_PARTS = /^(\d+):(\d+):(\d+):(\d+)(?:\.(\d{1,7}))?$/;

interface Parts {
  readonly days: number;
  readonly hours: number;
  readonly minutes: number;
  readonly seconds: number;
  /** The digits after the point. */
  readonly fraction: string;
}

/** Reads TimeSpan text as milliseconds (fractions of a millisecond are kept); undefined when it is none. */
export function parseTimeSpan(text: string): number | undefined {
  const trimmed = text.trim();
  const isNegative = trimmed.startsWith('-');
  const parts = split(isNegative ? trimmed.slice(1) : trimmed);
  if (parts === undefined || parts.hours > 23 || parts.minutes > 59 || parts.seconds > 59) {
    return undefined;
  }
  const ms =
    parts.days * MS_PER_DAY +
    parts.hours * MS_PER_HOUR +
    parts.minutes * MS_PER_MINUTE +
    parts.seconds * MS_PER_SECOND +
    Number(parts.fraction.padEnd(7, '0')) / 10_000;
  if (ms > MAX_MS) {
    return undefined;
  }
  return isNegative && ms > 0 ? -ms : ms;
}

/** True for text such as `10`, which means ten days and is mostly meant otherwise. */
export function isLoneNumber(text: string): boolean {
  return ONLY_DAYS.test(text.trim());
}

/** The shortest form that .NET writes (format `c`): `[-][d.]hh:mm:ss[.fffffff]`. */
export function formatTimeSpan(ms: number): string {
  const ticks = Math.round(Math.abs(ms) * 10_000);
  const wholeSeconds = Math.floor(ticks / 10_000_000);
  const fraction = ticks % 10_000_000;
  const days = Math.floor(wholeSeconds / 86_400);
  const clock = [
    Math.floor(wholeSeconds / 3600) % 24,
    Math.floor(wholeSeconds / 60) % 60,
    wholeSeconds % 60,
  ].map((part) => String(part).padStart(2, '0'));
  return [
    ms < 0 ? '-' : '',
    days > 0 ? `${days}.` : '',
    clock.join(':'),
    fraction > 0 ? `.${String(fraction).padStart(7, '0')}` : '',
  ].join('');
}

function split(text: string): Parts | undefined {
  const onlyDays = ONLY_DAYS.exec(text);
  if (onlyDays !== null) {
    return toParts([onlyDays[1]]);
  }
  const four = FOUR_PARTS.exec(text);
  if (four !== null) {
    return toParts(four.slice(1, 5), four[5]);
  }
  const clock = CLOCK.exec(text);
  if (clock === null) {
    return undefined;
  }
  const [, days, first, second, third, fraction] = clock;
  if (days === undefined && third !== undefined && fraction === undefined && Number(first) > 23) {
    return toParts([first, second, third]);
  }
  return toParts([days, first, second, third], fraction);
}

/** @param units days, hours, minutes, seconds; absent ones are zero */
function toParts(units: readonly (string | undefined)[], fraction = ''): Parts {
  const [days, hours, minutes, seconds] = units;
  return {
    days: Number(days ?? 0),
    hours: Number(hours ?? 0),
    minutes: Number(minutes ?? 0),
    seconds: Number(seconds ?? 0),
    fraction,
  };
}
