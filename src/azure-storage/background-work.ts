/** Storage calls that nobody waits for, until the process wants to stop. Their failures are logged: redelivery repairs them. */
import type { Logger } from '../telemetry/log.ts';
import { errorText, levelOf, text } from '../telemetry/log-events.ts';

export class BackgroundWork {
  readonly #log: Logger;
  readonly #running = new Set<Promise<void>>();

  constructor(log: Logger) {
    this.#log = log;
  }

  /** Never throws. @param what completes "Could not …" @returns resolves when it is over, be it that it failed. */
  run(what: string, work: () => Promise<void>): Promise<void> {
    const running = work()
      .catch((error: unknown) => {
        const message = `Could not ${what}: ${errorText(error)}`;
        text(this.#log, levelOf(error, 'warning'), 'Host.Triggers.DurableTask', message, error);
      })
      .finally(() => this.#running.delete(running));
    this.#running.add(running);
    return running;
  }

  /** Resolves when nothing runs any more. */
  async settled(): Promise<void> {
    while (this.#running.size > 0) await Promise.all(this.#running);
  }
}
