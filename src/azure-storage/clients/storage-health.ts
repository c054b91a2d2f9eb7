/**
 * Whether storage answers, over all that ask it: loops, locks, commits, clients. When it does not, each of them fails again and
 * again; the log says so once, and once that it is back. What fails meanwhile is marked as told (`BackendUnavailableError.isTold`).
 */
import { storageAway, storageBack } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';

/** The services of an account. */
export type StorageKind = 'queue' | 'table' | 'blob';

/** A service that fails now and then does not come and go each time: it is back when it has answered for so long. */
const BACK_AFTER_MS = 1_000;
/** A service that nobody asked for so long says nothing about the storage. */
const FORGOTTEN_AFTER_MS = 30_000;

export interface StorageHealthOptions {
  readonly taskHub: string;
  readonly log: Logger;
  readonly now: () => number;
}

export class StorageHealth {
  readonly #options: StorageHealthOptions;
  /** Services that do not answer, with the time of their last failure. */
  readonly #away = new Map<StorageKind, number>();
  #sinceMs = 0;
  #failures = 0;

  constructor(options: StorageHealthOptions) {
    this.#options = options;
  }

  answered(kind: StorageKind): void {
    if (this.#away.size === 0) {
      this.#failures = 0;
      return;
    }
    const nowMs = this.#options.now();
    for (const [service, failedMs] of this.#away) {
      const quietMs = service === kind ? BACK_AFTER_MS : FORGOTTEN_AFTER_MS;
      if (nowMs - failedMs >= quietMs) this.#away.delete(service);
    }
    if (this.#away.size > 0) return;
    const { log, taskHub } = this.#options;
    const seconds = Math.round((nowMs - this.#sinceMs) / 1000);
    storageBack(log, { taskHub, seconds, failedRequests: this.#failures });
    this.#failures = 0;
  }

  /** One request, which may be tried again. */
  requestFailed(kind: StorageKind): void {
    this.#failures++;
    if (this.#away.has(kind)) this.#away.set(kind, this.#options.now());
  }

  /** What was asked for could not be had, however often it was tried. @param reason says what and why. */
  callFailed(kind: StorageKind, reason: string): void {
    const { log, taskHub, now } = this.#options;
    if (this.#away.size === 0) {
      this.#sinceMs = now();
      storageAway(log, { taskHub, reason });
    }
    this.#away.set(kind, now());
  }
}

interface Asked {
  readonly health: StorageHealth;
  readonly kind: StorageKind;
}

/** Which health a request of the clients belongs to: their errors name the request. */
const askedBy = new WeakMap<object, Asked>();

export function belongsTo(request: object, asked: Asked): void {
  askedBy.set(request, asked);
}

/** Tells the health that a request belongs to of a call that failed. @returns whether there is one. */
export function tellHealth(request: object | undefined, reason: string): boolean {
  const asked = request && askedBy.get(request);
  asked?.health.callFailed(asked.kind, reason);
  return asked !== undefined;
}
