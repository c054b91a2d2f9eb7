/**
 * When a timer is due: an NCRONTAB expression, or a TimeSpan for a constant interval. The occurrences of a cron expression come
 * from croner on wall-clock time; what daylight saving time does to them is decided here, as CronSchedule and ConstantSchedule do:
 * a skipped time moves forward by the gap, and in the hour that repeats a schedule of fixed times (no `*`, `-` or step in seconds,
 * minutes and hours) runs once, in the first pass, while an interval runs in both.
 */
import { Cron } from 'croner';
import { formatTimeSpan, parseTimeSpan } from '../base/timespan.ts';
import { InvalidInputError } from '../core/errors.ts';
import { parseNcrontab } from './ncrontab.ts';
import { type WallClock, createWallClock, instantsOf, transitionBetween } from './wall-clock.ts';

export interface TimerSchedule {
  readonly kind: 'cron' | 'constant';
  /** As the log shows it: `Cron: '0 0,5,10 * * * *'` or `Constant: 00:00:30`. */
  readonly text: string;
  /** More than one occurrence a minute: such timers keep no status. */
  readonly isSubMinute: boolean;
  readonly clock: WallClock;
  /** The first occurrence after the instant (ms since the epoch), or undefined if there is none: `0 0 0 30 2 *`. */
  next(afterMs: number): number | undefined;
}

/**
 * @param timeZone an IANA name; the process's own when absent
 * @throws {InvalidInputError} if the text is neither a cron expression nor a time span of more than nothing.
 */
export function parseSchedule(expression: string, timeZone?: string): TimerSchedule {
  const clock = createWallClock(timeZone);
  const cron = parseNcrontab(expression);
  if (cron !== undefined) return cronSchedule(cron.text, cron.fields, clock);
  const intervalMs = parseTimeSpan(expression);
  if (intervalMs === undefined || intervalMs < 1) {
    throw new InvalidInputError(
      `The schedule expression '${expression}' was not recognized as a valid cron expression or timespan string.`,
    );
  }
  return {
    kind: 'constant',
    text: `Constant: ${formatTimeSpan(intervalMs)}`,
    isSubMinute: intervalMs < 60_000,
    clock,
    next: (afterMs) => afterMs + intervalMs,
  };
}

/** The next `count` occurrences, fewer if the schedule ends. */
export function nextOccurrences(schedule: TimerSchedule, afterMs: number, count: number): number[] {
  const occurrences: number[] = [];
  for (let last = afterMs; occurrences.length < count;) {
    const next = schedule.next(last);
    if (next === undefined) break;
    occurrences.push(next);
    last = next;
  }
  return occurrences;
}

function cronSchedule(text: string, fields: readonly string[], clock: WallClock): TimerSchedule {
  const nextWall = wallOccurrences(fields);
  const isInterval = /[*-]/.test(fields.slice(0, 3).join(''));
  const [seconds = '', ...others] = fields;
  const next = isInterval ? nextOfInterval : nextOfFixedTime;
  return {
    kind: 'cron',
    text: `Cron: '${text}'`,
    isSubMinute: others.every((field) => field === '*') && /[*,-]/.test(seconds),
    clock,
    next: (afterMs) => next(nextWall, clock, afterMs),
  };
}

type NextWall = (wallMs: number) => number | undefined;

/** NCrontab demands both day and day of week, which croner calls `domAndDow`; its own default is either. */
function wallOccurrences(fields: readonly string[]): NextWall {
  const cron = new Cron(fields.join(' '), {
    mode: '6-part',
    domAndDow: true,
    // Its `timezone: 'UTC'` is the same, but asks Intl for every part of every date.
    utcOffset: 0,
    paused: true,
  });
  return (wallMs) => cron.nextRun(new Date(wallMs))?.getTime();
}

function nextOfFixedTime(
  nextWall: NextWall,
  clock: WallClock,
  afterMs: number,
): number | undefined {
  let wall = nextWall(afterMs + clock.offsetAt(afterMs));
  while (wall !== undefined) {
    const [first] = instantsOf(clock, wall);
    if (first > afterMs) return first;
    wall = nextWall(wall);
  }
  return undefined;
}

function nextOfInterval(nextWall: NextWall, clock: WallClock, afterMs: number): number | undefined {
  const offset = clock.offsetAt(afterMs);
  const wall = nextWall(afterMs + offset);
  if (wall === undefined) return undefined;
  const second = instantsOf(clock, afterMs + offset)[1];
  if (second === undefined || second === afterMs) {
    return instantsOf(clock, wall).find((instant) => instant > afterMs);
  }
  // `after` lies in the first pass of the hour that repeats: what comes next may be in the second pass, at an earlier wall time.
  const change = transitionBetween(clock, afterMs, second);
  if (wall - offset < change) return wall - offset;
  const later = clock.offsetAt(change);
  const again = nextWall(change + later - 1);
  return again === undefined ? undefined : again - later;
}
