/**
 * Partitions in which work waits that this worker cannot do, and a worker of another app can: they are given to such a one, so that what
 * waits there is done. Balancing brings another partition back for it, or the same one later.
 *
 * P1 A partition stays for a turn at least, however much of others waits in it: where apps share a partition, both get on, and it does
 *    not go back and forth faster than that.
 * P2 It is given to nobody of whom storage does not tell that he is there.
 * P3 What is not asked for again is forgotten: the instance may be gone.
 */
import { chooseNextOwners, type PartitionClaim } from '../../core/partition-balance.ts';
import type { DoorbellAddress } from '../wake-ups/doorbell.ts';

/** As storage tells of it. */
export interface LiveWorker {
  readonly name: string;
  /** See `HubApps`. */
  readonly app: string | undefined;
  readonly doorbell?: DoorbellAddress | undefined;
}

export interface PartitionTurnsOptions {
  readonly turnMs: number;
  /** See `passedTime`. */
  readonly passedMs: () => number;
  /** For how long the partition is ours; undefined when it is not. */
  readonly heldForMs: (partition: number) => number | undefined;
}

/** What waits is looked at every 30 s at least. */
const FORGET_MS = 90_000;

export class PartitionTurns {
  readonly #options: PartitionTurnsOptions;
  readonly #wanted = new Map<number, { app: string; untilMs: number }>();

  constructor(options: PartitionTurnsOptions) {
    this.#options = options;
  }

  /** Whether there is anything to be given away, now or later. */
  get isAnyWanted(): boolean {
    return this.#open().length > 0;
  }

  /** How long it takes until the next turn is over; Infinity when none is waited for. */
  get nextEndMs(): number {
    const left = this.#open().map(([partition]) => this.#leftMs(partition));
    return Math.min(Infinity, ...left.filter((ms) => ms > 0));
  }

  /** Work for the app waits in the partition. @returns whether that is news, and the turn is over: then it can go at once. */
  note(partition: number, app: string): boolean {
    const { heldForMs, passedMs } = this.#options;
    if (heldForMs(partition) === undefined) return false;
    const isNews = this.#wanted.get(partition)?.app !== app;
    this.#wanted.set(partition, { app, untilMs: passedMs() + FORGET_MS });
    return isNews && this.#leftMs(partition) <= 0;
  }

  /** Who is to have which of our partitions next. */
  nextOwners(
    claims: readonly PartitionClaim[],
    workers: readonly LiveWorker[],
    me: string,
  ): ReadonlyMap<number, string> {
    const over = this.#open().filter(([partition]) => this.#leftMs(partition) <= 0);
    const able = over.map(([partition, { app }]) => {
      const names = workers.filter((worker) => worker.app === app && worker.name !== me);
      return [partition, [...new Set(names.map(({ name }) => name))]] as const;
    });
    return chooseNextOwners(claims, new Map(able));
  }

  #open(): (readonly [number, { readonly app: string }])[] {
    const nowMs = this.#options.passedMs();
    for (const [partition, { untilMs }] of this.#wanted) {
      const isOurs = this.#options.heldForMs(partition) !== undefined;
      if (!isOurs || nowMs >= untilMs) this.#wanted.delete(partition);
    }
    return [...this.#wanted];
  }

  #leftMs(partition: number): number {
    return this.#options.turnMs - (this.#options.heldForMs(partition) ?? 0);
  }
}
