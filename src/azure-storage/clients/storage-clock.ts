/**
 * How far the clock of this machine, by which requests are dated, is from storage's, as the dates of its answers tell. What lasts for a
 * while is counted by storage and needs no clock; but times of histories, timers and retention are those of the machine, and storage
 * refuses requests that are dated too wrong, in words that sound like a wrong key. So the log says once that the clock is minutes off,
 * and once that it is right again.
 */
import { answerTimeMs } from '../answer-time.ts';
import { clockIsOff, clockIsRight } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';

export interface StorageClockOptions {
  readonly taskHub: string;
  readonly log: Logger;
  /** Milliseconds since the epoch, as the clients take them for their requests. @default Date.now */
  readonly now?: () => number;
}

/** From so much on it is said. */
const OFF_MS = 60_000;
/** A clock that is about as far off is not said to come and go. */
const RIGHT_MS = 30_000;
/** Dates of answers are cut to whole seconds. */
const PRECISION_MS = 1_000;

export class StorageClock {
  readonly #options: StorageClockOptions;
  #aheadMs = 0;
  #isOff = false;

  constructor(options: StorageClockOptions) {
    this.#options = options;
  }

  /** To be handed to `answered` with what comes of a request. */
  now(): number {
    return (this.#options.now ?? Date.now)();
  }

  /** @param date of the answer, as its header has it. @param sentMs when its request was sent, by `now`. */
  answered(date: string | undefined, sentMs: number): void {
    const storageMs = answerTimeMs(date);
    if (storageMs === undefined) return;
    // Storage answered at some time while it was waited for.
    const leastAheadMs = sentMs - (storageMs + PRECISION_MS);
    const mostAheadMs = this.now() - storageMs;
    this.#aheadMs = leastAheadMs > 0 ? leastAheadMs : Math.min(0, mostAheadMs);
    this.#tell();
  }

  /** How far the clock is off, as a sentence; undefined while that is less than a minute. */
  get note(): string | undefined {
    if (Math.abs(this.#aheadMs) < OFF_MS) return undefined;
    const minutes = Math.round(Math.abs(this.#aheadMs) / 60_000);
    const off = `${minutes} minute${minutes === 1 ? '' : 's'} ${this.#aheadMs > 0 ? 'ahead of' : 'behind'}`;
    return `The clock of this machine is ${off} storage's, which refuses requests that are dated 15 minutes wrong: put the clock right.`;
  }

  #tell(): void {
    const { taskHub, log } = this.#options;
    const { note } = this;
    if (!this.#isOff && note !== undefined) {
      this.#isOff = true;
      clockIsOff(log, { taskHub, secondsAhead: Math.round(this.#aheadMs / 1000), note });
    } else if (this.#isOff && Math.abs(this.#aheadMs) < RIGHT_MS) {
      this.#isOff = false;
      clockIsRight(log, { taskHub });
    }
  }
}
