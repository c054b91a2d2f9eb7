/**
 * The partitions that this process works on, each until a time. Nothing else says whether a partition is ours: when its time is
 * over it is not ours any more, even if nobody could be told yet, be it that the process stood still.
 *
 * H1 `acquired` and `released` of a partition alternate, and each is over before the next one begins.
 * H2 From the moment that a partition is let go of, it is not owned, and what comes for it goes back to the hub.
 */
import { whenAborted } from '../../base/abort.ts';
import type { PartitionListener } from './partition-ownership.ts';

interface Held {
  /** On the clock of `passedMs`. */
  untilMs: number;
  readonly sinceMs: number;
  released: Promise<void> | undefined;
}

export class HeldPartitions {
  readonly #passedMs: () => number;
  readonly #held = new Map<number, Held>();
  readonly #epochs = new Map<number, number>();
  #listener: PartitionListener | undefined;

  /** @param passedMs see `passedTime`. */
  constructor(passedMs: () => number) {
    this.#passedMs = passedMs;
  }

  begin(listener: PartitionListener): void {
    this.#listener = listener;
    listener.began();
  }

  /** Lets go of everything. Idempotent. @param signal ends the wait for items that are out. */
  async end(signal: AbortSignal): Promise<void> {
    const listener = this.#listener;
    this.#listener = undefined;
    if (listener === undefined) return;
    const released = [...this.#held.keys()].map((partition) =>
      this.#release(listener, partition, signal),
    );
    await Promise.all([...released, listener.ended()]);
  }

  owns(partition: number): boolean {
    const held = this.#held.get(partition);
    return held !== undefined && held.released === undefined && this.#passedMs() < held.untilMs;
  }

  epoch(partition: number): number {
    return this.#epochs.get(partition) ?? 0;
  }

  /** For how long the partition is owned; undefined when it is not. */
  heldForMs(partition: number): number | undefined {
    const held = this.#held.get(partition);
    if (held === undefined || !this.owns(partition)) return undefined;
    return this.#passedMs() - held.sinceMs;
  }

  /** Those that are owned, in their order. */
  owned(): readonly number[] {
    return [...this.#held.keys()].filter((partition) => this.owns(partition)).sort((a, b) => a - b);
  }

  /** Those whose time was over before they were let go of. */
  overdue(): readonly number[] {
    return [...this.#held]
      .filter(([partition, { released }]) => released === undefined && !this.owns(partition))
      .map(([partition]) => partition);
  }

  /** When the first of those is over that are not being let go of; Infinity when there is none. */
  get firstEndMs(): number {
    const kept = [...this.#held.values()].filter(({ released }) => released === undefined);
    return Math.min(...kept.map(({ untilMs }) => untilMs));
  }

  /** Whether the partition is being let go of. */
  isLeaving(partition: number): boolean {
    return this.#held.get(partition)?.released !== undefined;
  }

  get isAnyLeaving(): boolean {
    return [...this.#held.values()].some(({ released }) => released !== undefined);
  }

  /** The partition is ours, or goes on being so. Nothing happens while it is being let go of. */
  hold(partition: number, untilMs: number): void {
    const listener = this.#listener;
    const held = this.#held.get(partition);
    if (listener === undefined || held?.released !== undefined) return;
    if (held !== undefined) {
      // What is overdue was not ours for a while: it has to be let go of before.
      if (this.owns(partition)) held.untilMs = untilMs;
      return;
    }
    this.#held.set(partition, { untilMs, sinceMs: this.#passedMs(), released: undefined });
    this.#epochs.set(partition, this.epoch(partition) + 1);
    listener.acquired(partition);
  }

  /** Resolves when nothing of the partition is here any more. @param signal ends the wait for items that are out. */
  async letGo(partition: number, signal: AbortSignal): Promise<void> {
    if (this.#listener !== undefined) await this.#release(this.#listener, partition, signal);
  }

  async #release(
    listener: PartitionListener,
    partition: number,
    signal: AbortSignal,
  ): Promise<void> {
    const held = this.#held.get(partition);
    if (held === undefined) return;
    if (held.released !== undefined) {
      // Whoever let go of it may have more patience.
      await Promise.race([held.released, whenAborted(signal)]);
      return;
    }
    held.released = listener.released(partition, signal).finally(() => {
      this.#held.delete(partition);
    });
    await held.released;
  }
}
