/**
 * Keeps a fault that hits everything from filling the log: of the same warning or error only so many get through in a while, and
 * one line says how many more there were. What user code logs, and what only tells of work, is its readers' business and stays whole.
 */
import { LOG_LEVELS, type Logger, type LogRecord } from './log.ts';

export interface RepeatedWarningsOptions {
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
  /** @default 20 */
  readonly most?: number;
  /** @default 10000 */
  readonly windowMs?: number;
}

interface Repeated {
  readonly untilMs: number;
  written: number;
  /** The latest that did not get through. */
  leftOut: { record: LogRecord; count: number } | undefined;
}

const MOST = 20;
const WINDOW_MS = 10_000;
const LOWEST = LOG_LEVELS.indexOf('warning');
const OF_USER = /^Function\..*\.User$/i;

export function withoutRepeatedWarnings(
  log: Logger,
  { now = Date.now, most = MOST, windowMs = WINDOW_MS }: RepeatedWarningsOptions = {},
): Logger {
  const known = new Map<string, Repeated>();

  const end = (key: string, { leftOut }: Repeated): void => {
    known.delete(key);
    if (leftOut) log.write(summaryOf(leftOut.record, leftOut.count, windowMs));
  };

  const begin = (key: string): Repeated => {
    const repeated: Repeated = { untilMs: now() + windowMs, written: 0, leftOut: undefined };
    known.set(key, repeated);
    const timer = setTimeout(() => {
      if (known.get(key) === repeated) end(key, repeated);
    }, windowMs);
    timer.unref();
    return repeated;
  };

  return {
    write(record) {
      if (LOG_LEVELS.indexOf(record.level) < LOWEST || OF_USER.test(record.category)) {
        log.write(record);
        return;
      }
      const key = keyOf(record);
      let repeated = known.get(key);
      if (repeated && now() >= repeated.untilMs) {
        end(key, repeated);
        repeated = undefined;
      }
      repeated ??= begin(key);
      if (repeated.written < most) {
        repeated.written++;
        log.write(record);
      } else {
        repeated.leftOut = { record, count: (repeated.leftOut?.count ?? 0) + 1 };
      }
    },
  };
}

/** Events by their id, whatever they tell of; free text is the same when it is. */
function keyOf({ level, category, eventId, message }: LogRecord): string {
  return `${level} ${category} ${eventId === 0 ? message : eventId}`;
}

function summaryOf(record: LogRecord, count: number, windowMs: number): LogRecord {
  const { level, category, eventId, event, message } = record;
  const lines = count === 1 ? 'One more line' : `${count} more lines`;
  return {
    level,
    category,
    eventId,
    ...(event === undefined ? {} : { event }),
    message: `${lines} like this one in ${windowMs / 1000} s: ${message}`,
    fields: { leftOut: count },
  };
}
