/**
 * Where the CLI talks to people. Writes to the streams and not to `console`, which belongs to the app while its functions run
 * (see function-app/runs/console-capture.ts). What was asked for goes to stdout; everything said about it goes to stderr, so that
 * scripts can read stdout. The only place that writes to a terminal: nothing but letters and our own colours gets there. Texts that
 * JSON allows stay the same JSON.
 */
import { once } from 'node:events';
import { createInterface } from 'node:readline/promises';
import { visibleColoredText, visibleText } from '../base/terminal-text.ts';

export interface Output {
  readonly colors: boolean;
  /** How wide the terminal is that stdout is; undefined where it is none. */
  readonly columns: number | undefined;
  /** Normal text, on stdout. */
  line(text?: string): void;
  /** Text without a line break, on stdout. Resolves when the reader has room for more. */
  write(text: string): Promise<void>;
  /** Lines in place of all that the terminal shows. */
  screen(lines: readonly string[]): void;
  /** What went wrong, on stderr. */
  error(text: string): void;
  /** What is worth knowing, on stderr. */
  note(text: string): void;
  /**
   * How far it got: on the last line of stderr, when that is a terminal, and as a line now and then when it is not. Empty text
   * clears it.
   */
  progress(text: string): void;
  /** Asks a question; undefined where nobody sits at a terminal. */
  readonly ask: ((question: string) => Promise<string>) | undefined;
}

const RED = 31;
const YELLOW = 33;

function writeError(text: string, color: number): void {
  const visible = visibleText(text);
  process.stderr.write(
    process.stderr.isTTY ? `\u001b[${color}m${visible}\u001b[39m\n` : `${visible}\n`,
  );
}

const CLEAR_SCREEN = '\u001b[H\u001b[2J';
const CLEAR_LINE = '\r\u001b[K';
/** What takes less needs no line about how far it got. */
const PROGRESS_EVERY_MS = 10_000;
let lastProgressMs: number | undefined;

function isProgressDue(): boolean {
  const nowMs = performance.now();
  lastProgressMs ??= nowMs;
  if (nowMs - lastProgressMs < PROGRESS_EVERY_MS) return false;
  lastProgressMs = nowMs;
  return true;
}

const hasColors = process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '';
const plain = hasColors ? visibleColoredText : visibleText;

export const terminal: Output = {
  colors: hasColors,
  columns: process.stdout.isTTY ? process.stdout.columns || 80 : undefined,
  screen: (lines) => {
    process.stdout.write(`${CLEAR_SCREEN}${lines.map((text) => `${plain(text)}\n`).join('')}`);
  },
  line: (text = '') => {
    process.stdout.write(`${plain(text)}\n`);
  },
  write: async (text) => {
    if (!process.stdout.write(plain(text))) await once(process.stdout, 'drain');
  },
  error: (text) => {
    writeError(text, RED);
  },
  note: (text) => {
    writeError(text, YELLOW);
  },
  progress: (text) => {
    if (process.stderr.isTTY) process.stderr.write(`${CLEAR_LINE}${visibleText(text)}`);
    else if (text === '') lastProgressMs = undefined;
    else if (isProgressDue()) process.stderr.write(`${visibleText(text)}\n`);
  },
  ask:
    process.stdin.isTTY && process.stderr.isTTY
      ? async (question) => {
          const lines = createInterface({ input: process.stdin, output: process.stderr });
          try {
            return await lines.question(visibleText(question));
          } finally {
            lines.close();
          }
        }
      : undefined,
};

/**
 * `func … | head` closes the pipe early: nobody reads on, and that is no error. For a host it means that whoever started it is
 * gone; it must not live on unseen, logging its own failing log.
 * @param end @default ends the process
 */
export function endWithReader(end = (): void => process.exit(0)): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE') throw error;
      end();
    });
  }
}

/**
 * Resolves when the readers have room for all that was written. A pipe holds no more than 64 KiB, and what waits here for a
 * slow reader ends with the process.
 */
export async function flushed(): Promise<void> {
  const flush = (stream: NodeJS.WriteStream): Promise<void> =>
    new Promise((resolve) => {
      stream.write('', () => {
        resolve();
      });
    });
  await Promise.all([process.stdout, process.stderr].map(flush));
}

/** Text for stdout in a colour, where there are colours. */
export function painted(output: Output, color: 'red' | 'green' | 'yellow', text: string): string {
  const code = { red: 31, green: 32, yellow: 33 }[color];
  const visible = visibleText(text);
  return output.colors ? `\u001b[${code}m${visible}\u001b[39m` : visible;
}
