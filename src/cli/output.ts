/**
 * Where the CLI talks to people. Writes to the streams and not to `console`, which belongs to the app while its functions run
 * (see function-app/console-capture.ts).
 */
export interface Output {
  readonly colors: boolean;
  /** Normal text, on stdout. */
  line(text?: string): void;
  /** What went wrong, on stderr. */
  error(text: string): void;
}

export const terminal: Output = {
  colors: process.stdout.isTTY && (process.env['NO_COLOR'] ?? '') === '',
  line: (text = '') => {
    process.stdout.write(`${text}\n`);
  },
  error: (text) => {
    process.stderr.write(process.stderr.isTTY ? `\u001b[31m${text}\u001b[39m\n` : `${text}\n`);
  },
};
