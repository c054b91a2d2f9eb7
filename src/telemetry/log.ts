/** Structured logging. Events have names, ids and fields (see log-events.ts); sinks decide how they look. */
export type LogLevel = 'trace' | 'debug' | 'information' | 'warning' | 'error' | 'critical';

export const LOG_LEVELS: readonly LogLevel[] = [
  'trace',
  'debug',
  'information',
  'warning',
  'error',
  'critical',
];

/** Field names are the same everywhere: taskHub, instanceId, executionId, functionName, eventType, taskEventId, partitionId, latencyMs. */
export type LogFields = Readonly<Record<string, string | number | boolean | undefined>>;

export interface LogRecord {
  readonly level: LogLevel;
  /** As in host.json `logging.logLevel`: `Host.Startup`, `Host.Triggers.DurableTask`, `Function.<name>`, `Function.<name>.User`, … */
  readonly category: string;
  readonly message: string;
  readonly fields: LogFields;
  /** Id of the event in log-events.ts; 0 for free text. */
  readonly eventId: number;
  /** Its name there: `FunctionStarting`. @default free text has none */
  readonly event?: string;
  readonly error?: unknown;
}

export interface Logger {
  write(record: LogRecord): void;
}

/** Drops everything. */
export const silentLogger: Logger = { write: () => undefined };
