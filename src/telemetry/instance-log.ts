/**
 * The latest lines of this process that are about an instance, for whoever looks at one: what the extension did with it, and what its
 * functions have logged. In memory, and bounded; the log itself goes where it always goes, and is the one to keep.
 */
import { shortened } from '../base/shortened.ts';
import { LOG_LEVELS, type Logger, type LogLevel, type LogRecord } from './log.ts';
import { redactKeys } from './redact-keys.ts';

export interface KeptLine {
  /** Milliseconds since the epoch. */
  readonly atMs: number;
  readonly level: LogLevel;
  readonly category: string;
  readonly message: string;
}

export interface InstanceLines {
  /** The oldest first. */
  readonly lines: readonly KeptLine[];
  /** Since when all lines about instances are kept: those from before are not known, or not any more. */
  readonly sinceMs: number;
}

export interface InstanceLogOptions {
  /** Gets every record, as if nobody kept any. */
  readonly next: Logger;
  /** @default Date.now */
  readonly now?: () => number;
  /** Of all instances together. @default 10000 */
  readonly maxLines?: number;
  /** Of all instances together, in characters. @default 4000000 */
  readonly maxLength?: number;
}

interface Entry extends KeptLine {
  readonly instanceId: string;
}

const DEFAULT_MAX_LINES = 10_000;
const DEFAULT_MAX_LENGTH = 4_000_000;
const MAX_LINE_LENGTH = 4_000;
/** What is less is of interest to nobody who does not ask for it in the log. */
const LEAST_LEVEL = LOG_LEVELS.indexOf('information');

export class InstanceLog implements Logger {
  readonly #next: Logger;
  readonly #now: () => number;
  readonly #maxLines: number;
  readonly #maxLength: number;
  /** From `#first` on; what is before it is given up, and cut off now and then. */
  #entries: Entry[] = [];
  #first = 0;
  #length = 0;
  #sinceMs: number;

  constructor(options: InstanceLogOptions) {
    this.#next = options.next;
    this.#now = options.now ?? Date.now;
    this.#maxLines = options.maxLines ?? DEFAULT_MAX_LINES;
    this.#maxLength = options.maxLength ?? DEFAULT_MAX_LENGTH;
    this.#sinceMs = this.#now();
  }

  write(record: LogRecord): void {
    this.#next.write(record);
    this.#keep(record);
  }

  /** @param count the latest so many. */
  linesOf(instanceId: string, count: number): InstanceLines {
    const lines: KeptLine[] = [];
    for (let at = this.#entries.length - 1; at >= this.#first && lines.length < count; at--) {
      const entry = this.#entries[at];
      if (entry?.instanceId !== instanceId) continue;
      const { atMs, level, category, message } = entry;
      lines.push({ atMs, level, category, message: redactKeys(message) });
    }
    return { lines: lines.reverse(), sinceMs: this.#sinceMs };
  }

  #keep({ level, category, message, fields: { instanceId } }: LogRecord): void {
    if (typeof instanceId !== 'string' || instanceId === '') return;
    if (LOG_LEVELS.indexOf(level) < LEAST_LEVEL) return;
    const kept = shortened(message.replace(/\r?\n$/, ''), MAX_LINE_LENGTH);
    this.#entries.push({ instanceId, atMs: this.#now(), level, category, message: kept });
    this.#length += kept.length;
    while (this.#entries.length - this.#first > this.#maxLines || this.#length > this.#maxLength) {
      this.#dropFirst();
    }
  }

  #dropFirst(): void {
    const dropped = this.#entries[this.#first];
    if (dropped === undefined) return;
    this.#first += 1;
    this.#length -= dropped.message.length;
    this.#sinceMs = dropped.atMs + 1;
    if (this.#first < this.#maxLines) return;
    this.#entries = this.#entries.slice(this.#first);
    this.#first = 0;
  }
}
