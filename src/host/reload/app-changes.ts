/** Which files of the app have changed, for the supervisor: it asks for the next change, and says which it was. */
import path from 'node:path';
import { errorText } from '../../telemetry/log-events.ts';
import type { AppWatch } from './app-watch.ts';
import type { WatchedApp } from './messages.ts';

export class AppChanges {
  readonly #complain: (line: string) => void;
  #app: WatchedApp | undefined;
  #watch: AppWatch | undefined;
  #files: readonly string[] = [];
  #onChange: () => void = () => undefined;

  /** @param complain is told when changes may go unnoticed. */
  constructor(complain: (line: string) => void) {
    this.#complain = complain;
  }

  /** The next change resolves. Whoever asks again does not want the answer to an earlier question any more. */
  next(): Promise<void> {
    return new Promise((resolve) => {
      this.#onChange = resolve;
    });
  }

  /** `app.js and 2 more changed.` */
  get text(): string {
    const root = this.#app?.scriptRoot ?? '';
    const [first = 'A file', ...others] = this.#files.map((file) => path.relative(root, file));
    const more = others.length === 0 ? '' : ` and ${others.length} more`;
    return `${first}${more} changed.`;
  }

  /** From now on these files count. */
  async watch(app: WatchedApp): Promise<void> {
    if (JSON.stringify(app) === JSON.stringify(this.#app)) return;
    this.#app = app;
    const former = this.#watch;
    const sinceMs = Date.now();
    // Loaded while the host starts, not before.
    const { AppWatch } = await import('./app-watch.ts');
    this.#watch = app.isEnabled
      ? new AppWatch({
          app,
          sinceMs,
          onChange: (files) => {
            this.#files = files;
            this.#onChange();
          },
          onError: (error) => {
            this.#complain(`Changes of the app may go unnoticed: ${errorText(error)}`);
          },
        })
      : undefined;
    await former?.close();
  }

  async close(): Promise<void> {
    await this.#watch?.close();
  }
}
