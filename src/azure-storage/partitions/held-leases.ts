/** The leases of one folder that this process has, as far as it knows: storage alone says whether it still has them. */
import type { LeaseBlobs, OwnerNote, OwnLease, StoredLease } from './lease-blobs.ts';

export type LeaseStore = Pick<LeaseBlobs, 'leaseMs' | 'read' | 'take' | 'renew' | 'giveBack'>;

export interface HeldLeasesOptions {
  readonly store: LeaseStore;
  /** The name that is written down as owner. */
  readonly me: string;
  /** See `passedTime`. */
  readonly passedMs: () => number;
  /** What this worker tells of itself, written beside what it takes. */
  readonly note: () => OwnerNote;
}

export class HeldLeases {
  readonly #options: HeldLeasesOptions;
  readonly #own = new Map<number, OwnLease>();
  /** Those that were renewed in this round, and when storage was asked: once is enough. */
  readonly #renewedMs = new Map<number, number>();

  constructor(options: HeldLeasesOptions) {
    this.#options = options;
  }

  has(partition: number): boolean {
    return this.#own.has(partition);
  }

  get partitions(): readonly number[] {
    return [...this.#own.keys()];
  }

  /** Forgets what others have taken, or what ran out: whatever is not ours in what storage tells. */
  check(stored: readonly StoredLease[]): void {
    for (const { partition, isLeased, token } of stored) {
      const own = this.#own.get(partition);
      if (own !== undefined && !(isLeased && token === own.token)) this.#own.delete(partition);
    }
  }

  /**
   * @param isTakenAway whoever had it may still read. @default false
   * @returns when storage was asked; undefined when others were quicker.
   */
  async take(lease: StoredLease, isTakenAway = false): Promise<number | undefined> {
    const { store, me, passedMs, note } = this.#options;
    const startedMs = passedMs();
    const own = await store.take(lease, me, { ...note(), ...(isTakenAway && { isTakenAway }) });
    if (own === undefined) return undefined;
    this.#own.set(lease.partition, own);
    return startedMs;
  }

  /** A new round: each is to be renewed again. */
  beginRound(): void {
    this.#renewedMs.clear();
  }

  /** @returns when storage was asked; undefined when it is not ours any more, which is known from then on. */
  async renew(partition: number): Promise<number | undefined> {
    const own = this.#own.get(partition);
    if (own === undefined) return undefined;
    const renewedMs = this.#renewedMs.get(partition);
    if (renewedMs !== undefined) return renewedMs;
    const startedMs = this.#options.passedMs();
    if (await this.#options.store.renew(own)) {
      this.#renewedMs.set(partition, startedMs);
      return startedMs;
    }
    this.#own.delete(partition);
    return undefined;
  }

  /**
   * Leaves it to others. Whatever storage answers, it is not renewed any more.
   * @param nextOwner who is to have it. @default whoever comes
   */
  async giveBack(partition: number, nextOwner?: string): Promise<void> {
    const own = this.#own.get(partition);
    if (own === undefined) return;
    this.#own.delete(partition);
    await this.#options.store.giveBack(own, nextOwner);
  }

  /** Renews it no more, and leaves it to run out. */
  leave(partition: number): void {
    this.#own.delete(partition);
  }

  async giveBackAll(): Promise<void> {
    await Promise.all(this.partitions.map((partition) => this.giveBack(partition)));
  }
}
