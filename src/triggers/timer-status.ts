/**
 * What is remembered of a timer between runs of the host, so that an occurrence missed meanwhile is made up for.
 * Mirrors ScheduleStatus and ScheduleMonitor of the timers extension; the JSON is what the .NET host stores, so that either reads the other's.
 */
import { type TimerSchedule } from './cron.ts';
import { formatLocal } from './wall-clock.ts';

/** Local times in ISO 8601 with offset; `0001-01-01T00:00:00+00:00` is never. */
export interface TimerStatus {
  readonly Last: string;
  readonly Next: string;
  readonly LastUpdated: string;
}

/** Where the status is kept. `write` is best effort for the caller: it may reject, the timer goes on. */
export interface TimerStatusStore {
  /** Undefined if nothing has been written for the function. */
  read(functionName: string): Promise<TimerStatus | undefined>;
  write(functionName: string, status: TimerStatus): Promise<void>;
}

const NEVER = '0001-01-01T00:00:00+00:00';

export function createMemoryTimerStatusStore(): TimerStatusStore {
  const statuses = new Map<string, TimerStatus>();
  return {
    read: (functionName) => Promise.resolve(statuses.get(functionName)),
    write(functionName, status) {
      statuses.set(functionName, status);
      return Promise.resolve();
    },
  };
}

export interface StartDecision {
  /** What the timer goes on with. */
  readonly status: TimerStatus;
  /** To be stored: the first status, or one for a schedule that has changed. */
  readonly toWrite: TimerStatus | undefined;
  readonly isPastDue: boolean;
}

/** What a stored status means at start. */
export function statusAtStart(
  stored: TimerStatus | undefined,
  schedule: TimerSchedule,
  nowMs: number,
): StartDecision {
  if (stored === undefined) {
    const toWrite = statusOf(schedule, undefined, schedule.next(nowMs), nowMs);
    return { status: { ...toWrite, LastUpdated: NEVER }, toWrite, isPastDue: false };
  }
  const basis = instantOf(stored.Last) ?? instantOf(stored.LastUpdated) ?? nowMs;
  const expected = schedule.next(basis);
  const storedNext = instantOf(stored.Next);
  if (storedNext === expected) {
    return {
      status: stored,
      toWrite: undefined,
      isPastDue: expected !== undefined && nowMs > expected,
    };
  }
  // Another schedule than last time. An occurrence of it that is past was never promised to anybody.
  const isPast = expected !== undefined && nowMs > expected;
  const status = isPast
    ? statusOf(schedule, undefined, schedule.next(nowMs), nowMs)
    : statusOf(schedule, undefined, expected, basis);
  return { status, toWrite: status, isPastDue: false };
}

/** The status after a run that was due (or began) at `ranMs`. */
export function statusAfterRun(schedule: TimerSchedule, ranMs: number): TimerStatus {
  return statusOf(schedule, ranMs, schedule.next(ranMs), ranMs);
}

/** Undefined for never. */
export function instantOf(text: string): number | undefined {
  const instant = Date.parse(text);
  return Number.isNaN(instant) || instant < FIRST_REAL_INSTANT ? undefined : instant;
}

/** The .NET host writes its minimum date shifted by the local offset. */
const FIRST_REAL_INSTANT = Date.parse('0002-01-01T00:00:00Z');

function statusOf(
  { clock }: TimerSchedule,
  last: number | undefined,
  next: number | undefined,
  updated: number,
): TimerStatus {
  const text = (instant: number | undefined): string =>
    instant === undefined ? NEVER : formatLocal(clock, instant);
  return { Last: text(last), Next: text(next), LastUpdated: text(updated) };
}
