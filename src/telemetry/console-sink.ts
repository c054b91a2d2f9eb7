/**
 * Shows log records on the terminal as `func start` does: `[2026-11-21T08:00:00.123Z] text`, the time before every line, a
 * colour per level where the terminal has colours. Control characters are shown as what they are: log lines hold texts of requests. Mirrors ColoredConsoleLogger of Core Tools.
 */
import { visibleColoredText, visibleText } from '../base/terminal-text.ts';
import type { CategoryFilter } from './category-filter.ts';
import type { LogLevel, LogRecord, Logger } from './log.ts';

export interface ConsoleSinkOptions {
  readonly isShown: CategoryFilter;
  /** Shows the stack of every error, not only of errors in user code. @default false */
  readonly verbose?: boolean;
  /** @default false */
  readonly colors?: boolean;
  /** Takes one line without its end. */
  readonly writeLine: (line: string) => void;
  /** Milliseconds since the epoch. @default Date.now */
  readonly now?: () => number;
}

const COLOR_CODES: Readonly<Record<LogLevel, number>> = {
  trace: 32,
  debug: 32,
  information: 36,
  warning: 33,
  error: 31,
  critical: 31,
};

export function createConsoleSink(options: ConsoleSinkOptions): Logger {
  const now = options.now ?? Date.now;

  return {
    write(record) {
      if (!options.isShown(record)) return;
      const time = `[${new Date(now()).toISOString()}]`;
      const hasColors = options.colors === true;
      // An app may have chosen colours itself; nobody else may.
      const visible = hasColors && isOfApp(record) ? visibleColoredText : visibleText;
      for (const line of textOf(record, options.verbose ?? false).split(/\r?\n/)) {
        const text = visible(line);
        options.writeLine(`${time} ${hasColors ? paint(text, record.level) : text}`);
      }
    },
  };
}

function isOfApp({ category }: LogRecord): boolean {
  return category === 'Host.Function.Console' || /^Function\..*\.User$/.test(category);
}

function textOf(record: LogRecord, verbose: boolean): string {
  const message = record.message.replace(/\r?\n$/, '');
  const stack = stackOf(record.error);
  const isUserCode = record.category.startsWith('Function.');
  if (stack === undefined || message.includes(stack) || !(isUserCode || verbose)) return message;
  return `${message}\n${stack}`;
}

/** undefined when there is none, or none that can be read: getters and proxies of an app may throw. */
function stackOf(error: unknown): string | undefined {
  try {
    const stack: unknown = error instanceof Error ? error.stack : undefined;
    return typeof stack === 'string' ? stack : undefined;
  } catch {
    return undefined;
  }
}

function paint(line: string, level: LogLevel): string {
  return `\u001b[${COLOR_CODES[level]}m${line}\u001b[39m`;
}
