/**
 * Writes log records for programs: one JSON object a line, with the same members for all. Members of events beyond those come
 * last, under the names that they have in log-events.ts.
 */
import type { CategoryFilter } from './category-filter.ts';
import type { LogFields, Logger, LogRecord } from './log.ts';

export interface JsonSinkOptions {
  readonly isShown: CategoryFilter;
  /** Members of every line, the last ones. @default none */
  readonly common?: LogFields;
  /** Takes one line without its end. */
  readonly writeLine: (line: string) => void;
  /** 32 hex digits: the trace that the caller is part of. @default records name none that do not bring one */
  readonly traceId?: () => string | undefined;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

export function createJsonSink(options: JsonSinkOptions): Logger {
  const { isShown, writeLine, traceId = () => undefined, now = Date.now } = options;
  return {
    write(record) {
      if (!isShown(record)) return;
      const time = new Date(now()).toISOString();
      writeLine(JSON.stringify({ ...toJson(record, time, traceId), ...options.common }));
    },
  };
}

/** Absent where there is nothing to say; `JSON.stringify` leaves it out. */
function toJson(record: LogRecord, time: string, activeTraceId: () => string | undefined): object {
  const { level, category, eventId, event, message, fields, error } = record;
  const { instanceId, executionId, functionName, traceId, ...others } = fields;
  return {
    time,
    level,
    category,
    event,
    eventId: eventId === 0 ? undefined : eventId,
    instanceId,
    executionId,
    functionName,
    traceId: traceId ?? activeTraceId(),
    message: message.replace(/\r?\n$/, ''),
    error: error === undefined ? undefined : errorJson(error),
    ...others,
  };
}

function errorJson(error: unknown): object | undefined {
  try {
    if (!(error instanceof Error)) return undefined;
    const { name, message, stack } = error;
    return { name: textOf(name), message: textOf(message), stack: textOf(stack) };
  } catch {
    // Getters and proxies of an app may throw.
    return undefined;
  }
}

/** An app may have put anything there. */
function textOf(value: unknown): string {
  return typeof value === 'string' ? value : '';
}
