/**
 * The query string as the .NET handler reads it: names ignore case, and a value that cannot be understood counts as absent.
 * Where that would be dangerous (a purge), the caller asks for what could not be understood.
 */
import { RUNTIME_STATUSES, type RuntimeStatus } from '../../core/instance-status.ts';

export interface Query {
  /** The first value that is more than white space. */
  text(name: string): string | undefined;
  /** The first value, which may be empty. */
  given(name: string): string | undefined;
  flag(name: string): boolean | undefined;
  /** Seconds, fractions allowed, as milliseconds. */
  durationMs(name: string): number | undefined;
  /** A whole number of at least 1. */
  count(name: string): number | undefined;
  date(name: string): Date | undefined;
  /** Names separated by commas, repeated parameters, or both. */
  statuses(name: string): { known: readonly RuntimeStatus[]; unknown: readonly string[] };
}

/** Azure Tables knows no earlier time. */
const EARLIEST_DATE_MS = Date.UTC(1601, 0, 1);
const LARGEST_COUNT = 0x7fffffff;

export function readQuery(url: URL): Query {
  const values = (name: string): string[] => {
    const wanted = name.toLowerCase();
    return [...url.searchParams]
      .filter(([key, value]) => key.toLowerCase() === wanted && value.trim() !== '')
      .map(([, value]) => value);
  };
  const text = (name: string): string | undefined => values(name)[0];
  return {
    text,
    given: (name) => {
      const wanted = name.toLowerCase();
      return [...url.searchParams].find(([key]) => key.toLowerCase() === wanted)?.[1];
    },
    flag: (name) => {
      const value = text(name)?.trim().toLowerCase();
      return value === 'true' ? true : value === 'false' ? false : undefined;
    },
    durationMs: (name) => {
      const seconds = Number(text(name) ?? NaN);
      return Number.isFinite(seconds) && seconds >= 0 ? seconds * 1000 : undefined;
    },
    count: (name) => {
      const value = text(name)?.trim() ?? '';
      const count = /^\d+$/.test(value) ? Number(value) : 0;
      return count >= 1 && count <= LARGEST_COUNT ? count : undefined;
    },
    date: (name) => parseDate(text(name) ?? ''),
    statuses: (name) => {
      const names = values(name)
        .flatMap((value) => value.split(','))
        .map((part) => part.trim())
        .filter((part) => part !== '');
      return {
        known: names.flatMap((part) => findStatus(part) ?? []),
        unknown: names.filter((part) => findStatus(part) === undefined),
      };
    },
  };
}

function findStatus(name: string): RuntimeStatus | undefined {
  return RUNTIME_STATUSES.find((status) => status.toLowerCase() === name.toLowerCase());
}

/**
 * ISO 8601 only: the engine's fallback for other texts finds a date in `x 5`. A date without zone is UTC; a `+` of the
 * zone that was sent without encoding arrives as a space.
 */
function parseDate(value: string): Date | undefined {
  const match =
    /^(\d{4})-(\d{2})-(\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d+)?)?)(Z|[+\- ]\d{2}:\d{2})?)?$/i.exec(
      value.trim(),
    );
  if (!match) return undefined;
  const [, year = '', month = '', day = '', time = '00:00', zone = 'Z'] = match;
  const lastDay = new Date(Date.UTC(Number(year), Number(month), 0)).getUTCDate();
  if (Number(day) > lastDay) return undefined;
  const ms = Date.parse(`${year}-${month}-${day}T${time}${zone.replace(' ', '+').toUpperCase()}`);
  return Number.isNaN(ms) ? undefined : new Date(Math.max(ms, EARLIEST_DATE_MS));
}
