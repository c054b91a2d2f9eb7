/** Says once that the hub cannot be written, and once that it can be again: all that ask for something fail meanwhile. */
import type { StorageOutage } from '../engine/backend.ts';
import { storageAway, storageBack } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';

export class HubHealth {
  readonly #taskHub: string;
  readonly #log: Logger;
  #outage: StorageOutage | undefined;
  #failures = 0;

  constructor(taskHub: string, log: Logger) {
    this.#taskHub = taskHub;
    this.#log = log;
  }

  /** undefined while it can be written. */
  get outage(): StorageOutage | undefined {
    return this.#outage;
  }

  failed(reason: string): void {
    this.#failures += 1;
    if (this.#outage !== undefined) return;
    this.#outage = { sinceMs: Date.now(), reason };
    storageAway(this.#log, { taskHub: this.#taskHub, reason });
  }

  worked(): void {
    if (this.#outage === undefined) return;
    const seconds = Math.round((Date.now() - this.#outage.sinceMs) / 1000);
    storageBack(this.#log, { taskHub: this.#taskHub, seconds, failedRequests: this.#failures });
    this.#outage = undefined;
    this.#failures = 0;
  }
}
