/** What has been started, to be stopped in reverse order: when the host stops, and when its start fails half-way. */
import { errorText, text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';

interface Step {
  /** Completes the sentence `The … did not stop as it should`. */
  readonly name: string;
  readonly stop: () => Promise<void> | void;
}

export class Teardown {
  readonly #log: Logger;
  readonly #steps: Step[] = [];

  constructor(log: Logger) {
    this.#log = log;
  }

  add(name: string, stop: () => Promise<void> | void): void {
    this.#steps.push({ name, stop });
  }

  /** Stops everything, each thing once. A step that fails is logged, and the others go on. */
  async run(): Promise<void> {
    for (let step = this.#steps.pop(); step !== undefined; step = this.#steps.pop()) {
      try {
        text(this.#log, 'debug', 'Host.Shutdown', `Stopping the ${step.name}.`);
        await step.stop();
      } catch (error) {
        const message = `The ${step.name} did not stop as it should: ${errorText(error)}`;
        text(this.#log, 'error', 'Host.Shutdown', message, error);
      }
    }
  }
}
