/** The values of options: flags, times, statuses, numbers. Each is checked here, once, with the value and the rule in the error. */
import { InvalidArgumentError, Option } from 'commander';
import { RUNTIME_STATUSES, type RuntimeStatus } from '../../../core/instance-status.ts';
import { nearestName } from '../../../config/nearest-name.ts';

/** `--name`, `--name true`, `--name off`, …, as Core Tools takes them. */
export function flagOption(name: string, description: string): Option {
  return new Option(`--${name} [true|false]`, description).preset(true).argParser(parseFlag);
}

function parseFlag(text: string | boolean): boolean {
  switch (String(text).toLowerCase()) {
    case 'true':
    case 'on':
    case '+':
    case '1':
      return true;
    case 'false':
    case 'off':
    case '-':
    case '0':
      return false;
    default:
      throw new InvalidArgumentError('It is true or false.');
  }
}

export function timeOption(name: string, description: string): Option {
  return new Option(`--${name} <time>`, description).argParser(parseTime);
}

/** `2018-03-10`, `2018-03-10T23:59Z`, `2018-03-10 23:59:00.1234567+01:00`; UTC when no offset is given. */
function parseTime(text: string): Date {
  const match =
    /^(\d{4}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2})(?::(\d{2})(\.\d+)?)?\s*(Z|[+-]\d{2}:?\d{2})?)?$/i.exec(
      text.trim(),
    );
  const [, day = '', minutes = '00:00', seconds = '00', fraction = '', zone = 'Z'] = match ?? [];
  const offset = zone.toUpperCase().replace(/^([+-]\d{2})(\d{2})$/, '$1:$2');
  const time = new Date(`${day}T${minutes}:${seconds}${fraction.slice(0, 4)}${offset}`);
  if (match === null || Number.isNaN(time.getTime()) || !isCalendarDay(day)) {
    throw new InvalidArgumentError('It is an ISO 8601 time (UTC), such as 2018-03-10T13:57:31Z.');
  }
  return time;
}

/** A Date takes 31 February for 3 March. */
function isCalendarDay(day: string): boolean {
  const date = new Date(`${day}T00:00:00Z`);
  return !Number.isNaN(date.getTime()) && date.toISOString().startsWith(day);
}

export function statusOption(description: string): Option {
  return new Option('--runtime-status <statuses...>', description).argParser(parseStatuses);
}

/** Quoted lists, several words, commas: `"completed failed"`, `completed failed`, `completed,failed`. */
function parseStatuses(
  text: string,
  previous: readonly RuntimeStatus[] = [],
): readonly RuntimeStatus[] {
  const names = text.split(/[\s,]+/).filter(Boolean);
  return [...new Set([...previous, ...names.map(parseStatus)])];
}

function parseStatus(name: string): RuntimeStatus {
  const status = RUNTIME_STATUSES.find((known) => known.toLowerCase() === name.toLowerCase());
  if (status !== undefined) return status;
  const nearest = nearestName(name, RUNTIME_STATUSES);
  throw new InvalidArgumentError(
    nearest === undefined
      ? `'${name}' is no status; there are ${RUNTIME_STATUSES.join(', ')}.`
      : `'${name}' is no status (Did you mean ${nearest}?)`,
  );
}

/** @param unit what the number counts, in the error. */
export function countOption(
  flags: string,
  description: string,
  range: { readonly min: number; readonly max: number },
): Option {
  return new Option(flags, description).argParser((text: string) => {
    const number = Number(text);
    if (!/^\d+$/.test(text) || number < range.min || number > range.max) {
      throw new InvalidArgumentError(`It is a whole number from ${range.min} to ${range.max}.`);
    }
    return number;
  });
}
