/**
 * Stamps for outgoing entity requests: strictly growing per destination, each naming the one before, so that the receiver
 * can restore the order and drop duplicates. Mirrors MessageSorter.LabelOutgoingMessage.
 */
import { isRecord, optionalText } from '../../base/json.ts';
import { formatTicks, parseTicks, ticksOfMs, type Ticks } from './tick-time.ts';

export interface SendStamp {
  readonly timestamp: string;
  readonly predecessor: string;
}

export class SendStamps {
  readonly #lastSent: Map<string, Ticks>;

  /** @param lastSent when a request was last sent to each destination, by instance id. */
  constructor(lastSent: Iterable<readonly [string, Ticks]> = []) {
    this.#lastSent = new Map(lastSent);
  }

  /** @param stored what `toJson` gave. */
  static fromJson(stored: unknown): SendStamps {
    const entries = Object.entries(isRecord(stored) ? stored : {});
    return new SendStamps(
      entries.map(([target, time]) => [target, parseTicks(optionalText(time))] as const),
    );
  }

  /** The stamp of the request that leaves now. */
  next(targetInstanceId: string, nowMs: number): SendStamp {
    const stamp = this.upcoming(targetInstanceId, nowMs);
    this.sent(targetInstanceId, stamp.timestamp);
    return stamp;
  }

  /** The stamp of the request that leaves next; `sent` is told when it does. */
  upcoming(targetInstanceId: string, nowMs: number): SendStamp {
    const last = this.#lastSent.get(targetInstanceId) ?? 0n;
    const now = ticksOfMs(nowMs);
    const time = now > last ? now : last + 1n;
    return { timestamp: formatTicks(time), predecessor: formatTicks(last) };
  }

  /** A request with this stamp left for the destination. */
  sent(targetInstanceId: string, timestamp: string): void {
    this.#lastSent.set(targetInstanceId, parseTicks(timestamp));
  }

  /** Drops the destinations to which nothing was sent since: receivers do not wait for a predecessor that old. */
  forgetBefore(horizon: Ticks): void {
    for (const [target, time] of this.#lastSent) {
      if (time < horizon) this.#lastSent.delete(target);
    }
  }

  entries(): IterableIterator<[string, Ticks]> {
    return this.#lastSent.entries();
  }

  toJson(): Record<string, string> {
    return Object.fromEntries(
      [...this.entries()].map(([target, time]) => [target, formatTicks(time)]),
    );
  }
}
