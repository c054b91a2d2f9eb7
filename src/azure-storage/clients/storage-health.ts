/**
 * Whether storage does its work, over all that ask it: loops, locks, commits, clients. When it does not answer, is too busy, refuses
 * our credentials, or lacks a queue or table of the hub, each of them fails again and again; the log says so once, and once that it is back. What fails meanwhile is marked as told (`BackendUnavailableError.isTold`).
 */
import { pause } from '../../base/pause.ts';
import type { StorageOutage } from '../../engine/backend.ts';
import { hubNotRestored, storageAway, storageBack } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import { StorageClock } from './storage-clock.ts';

/** The services of an account. */
export type StorageKind = 'queue' | 'table' | 'blob';

/** A service that fails now and then does not come and go each time: it is back when it has answered for so long. */
const BACK_AFTER_MS = 1_000;
/** A service that nobody asked for so long says nothing about the storage. */
const FORGOTTEN_AFTER_MS = 30_000;

/** A request of the clients, as far as it matters here. */
export interface AskedFor {
  readonly kind: StorageKind;
  /** Whether it has storage keep something new, which a full disk or an account that may only be read does not. */
  readonly isStoring: boolean;
}

/** When a service last failed to do what was asked of it, by what that was. */
interface LastFailures {
  storingMs: number;
  otherMs: number;
}

export interface StorageHealthOptions {
  readonly taskHub: string;
  readonly log: Logger;
  readonly now: () => number;
}

/** Puts back what is missing in storage. */
type Restore = () => Promise<void>;

/** Somebody deletes a whole hub piece by piece, and storage takes a while to do it. */
const RESTORE_PAUSE_MS = 2_000;

export class StorageHealth {
  /** Of all services: they have one. */
  readonly clock: StorageClock;
  readonly #options: StorageHealthOptions;
  /** Services that do not do their work. */
  readonly #away = new Map<StorageKind, LastFailures>();
  #outage: StorageOutage | undefined;
  #failures = 0;
  #restore: Restore | undefined;
  /** Until it is put back, that other queues and tables answer does not say that the hub is well. */
  #isIncomplete = false;
  #isRestoring = false;

  constructor(options: StorageHealthOptions) {
    this.#options = options;
    const { taskHub, log } = options;
    this.clock = new StorageClock({ taskHub, log });
  }

  /** undefined while all is well. */
  get outage(): StorageOutage | undefined {
    return this.#outage;
  }

  /** A queue or table that is missing is an outage from now on, and put back. @param restore undefined: nobody works on the hub. */
  keepWhole(restore: Restore | undefined): void {
    this.#restore = restore;
    this.#isIncomplete = false;
  }

  answered(asked: AskedFor): void {
    if (this.#away.size === 0) {
      this.#failures = 0;
      return;
    }
    if (this.#isIncomplete) return;
    const nowMs = this.#options.now();
    for (const [service, failures] of this.#away) {
      if (isOver(failures, nowMs, service === asked.kind ? asked : undefined)) {
        this.#away.delete(service);
      }
    }
    if (this.#away.size > 0) return;
    const { log, taskHub } = this.#options;
    const seconds = Math.round((nowMs - (this.#outage?.sinceMs ?? nowMs)) / 1000);
    this.#outage = undefined;
    storageBack(log, { taskHub, seconds, failedRequests: this.#failures });
    this.#failures = 0;
  }

  /** One request, which may be tried again. */
  requestFailed(asked: AskedFor): void {
    this.#failures++;
    if (this.#away.has(asked.kind)) this.#noteFailure(asked);
  }

  /** What was asked for could not be had, however often it was tried. @param reason says what and why. */
  callFailed(asked: AskedFor, reason: string): void {
    const { log, taskHub, now } = this.#options;
    if (this.#away.size === 0) {
      this.#outage = { sinceMs: now(), reason };
      storageAway(log, { taskHub, reason });
    }
    this.#noteFailure(asked);
  }

  #noteFailure({ kind, isStoring }: AskedFor): void {
    const nowMs = this.#options.now();
    const before = this.#away.get(kind) ?? { storingMs: -Infinity, otherMs: -Infinity };
    this.#away.set(kind, { ...before, [isStoring ? 'storingMs' : 'otherMs']: nowMs });
  }

  /** A queue or table of the hub is not there. @returns whether somebody has to know: those who work on the hub. */
  missing(asked: AskedFor, reason: string): boolean {
    if (this.#restore === undefined) return false;
    this.callFailed(asked, reason);
    this.#isIncomplete = true;
    void this.#putBack(this.#restore);
    return true;
  }

  async #putBack(restore: Restore): Promise<void> {
    if (this.#isRestoring) return;
    this.#isRestoring = true;
    try {
      await pause(RESTORE_PAUSE_MS);
      if (this.#restore !== restore) return;
      await restore();
      this.#isIncomplete = false;
    } catch (error) {
      // Whoever misses it next has it tried again.
      const { log, taskHub } = this.#options;
      hubNotRestored(log, { taskHub }, error);
    } finally {
      this.#isRestoring = false;
    }
  }
}

/**
 * Whether a service does its work again. That it still reads and deletes says nothing where only storing failed.
 * @param answered what it has just done; undefined when that was another service.
 */
function isOver(
  { storingMs, otherMs }: LastFailures,
  nowMs: number,
  answered: AskedFor | undefined,
): boolean {
  const says = answered !== undefined && (answered.isStoring || otherMs > -Infinity);
  return nowMs - Math.max(storingMs, otherMs) >= (says ? BACK_AFTER_MS : FORGOTTEN_AFTER_MS);
}

interface Asked extends AskedFor {
  readonly health: StorageHealth;
}

/** Which health a request of the clients belongs to: their errors name the request. */
const askedBy = new WeakMap<object, Asked>();

export function belongsTo(request: object, asked: Asked): void {
  askedBy.set(request, asked);
}

/** What is wrong with the clock by which a request was dated; undefined when nothing is. */
export function clockNoteFor(request: object | undefined): string | undefined {
  return (request && askedBy.get(request))?.health.clock.note;
}

/** Tells the health that a request belongs to of something that is missing. @returns whether somebody has to know. */
export function tellMissing(request: object | undefined, reason: string): boolean {
  const asked = request && askedBy.get(request);
  return asked?.health.missing(asked, reason) ?? false;
}

/** Tells the health that a request belongs to of a call that failed. @returns whether there is one. */
export function tellHealth(request: object | undefined, reason: string): boolean {
  const asked = request && askedBy.get(request);
  asked?.health.callFailed(asked, reason);
  return asked !== undefined;
}
