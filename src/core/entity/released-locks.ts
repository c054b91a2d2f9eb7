/**
 * The lock requests that ended lately: those of orchestrations that are over, and those that were granted twice. Releases are
 * not sorted, so that one may overtake its request, and the request may come again: it must lock nothing then.
 */
import { isRecord, optionalText } from '../../base/json.ts';
import { formatTicks, parseTicks, type Ticks } from './tick-time.ts';

const MAX_RELEASED = 16;

export class ReleasedLocks {
  /** When each lock request ended, by its id; the oldest first. */
  readonly #released: Map<string, Ticks>;

  /** @param stored what `toJson` gave. */
  constructor(stored: unknown) {
    const entries = Object.entries(isRecord(stored) ? stored : {});
    this.#released = new Map(entries.map(([id, time]) => [id, parseTicks(optionalText(time))]));
  }

  has(lockRequestId: string): boolean {
    return this.#released.has(lockRequestId);
  }

  add(lockRequestId: string, now: Ticks): void {
    this.#released.set(lockRequestId, now);
    for (const oldest of this.#released.keys()) {
      if (this.#released.size <= MAX_RELEASED) return;
      this.#released.delete(oldest);
    }
  }

  forgetBefore(horizon: Ticks): void {
    for (const [id, time] of this.#released) if (time < horizon) this.#released.delete(id);
  }

  toJson(): Record<string, string> {
    return Object.fromEntries([...this.#released].map(([id, time]) => [id, formatTicks(time)]));
  }
}
