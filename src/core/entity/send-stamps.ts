/**
 * Stamps for outgoing entity requests: strictly growing per destination, each naming the one before, so that the receiver
 * can restore the order and drop duplicates. Mirrors MessageSorter.LabelOutgoingMessage.
 */
import { formatTicks, ticksOfMs, type Ticks } from './tick-time.ts';

export class SendStamps {
  readonly #lastSent: Map<string, Ticks>;

  /** @param lastSent when a request was last sent to each destination, by instance id. */
  constructor(lastSent: Iterable<readonly [string, Ticks]> = []) {
    this.#lastSent = new Map(lastSent);
  }

  next(
    targetInstanceId: string,
    nowMs: number,
  ): { readonly timestamp: string; readonly predecessor: string } {
    const last = this.#lastSent.get(targetInstanceId) ?? 0n;
    const now = ticksOfMs(nowMs);
    const time = now > last ? now : last + 1n;
    this.#lastSent.set(targetInstanceId, time);
    return { timestamp: formatTicks(time), predecessor: formatTicks(last) };
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
}
