/**
 * One lease for each partition, taken away from whoever has too many. Its holder finds out when it wants to renew it, and reads until
 * then; so whoever took it away waits until the other can believe in it no longer. Mirrors LegacyPartitionManager, which does not wait.
 */
import { pause } from '../../base/pause.ts';
import type { HeldLeases } from './held-leases.ts';
import type { LeasesByFolder } from './lease-blobs.ts';
import type { Followed, LeasePlan, LeaseWay, LeaseWayParts } from './lease-ownership.ts';

/** What is let go of within this time is given away in the same round. */
const QUICK_DRAIN_MS = 500;
/** While what is given away is not drained yet. */
const GIVING_PAUSE_MS = 1_000;

export class LegacyLeases implements LeaseWay {
  readonly readerFolder = 'default';
  readonly #parts: LeaseWayParts;
  readonly #leases: HeldLeases;
  /** From when on what was taken away may be read, on the clock of `passedMs`. */
  readonly #readableFromMs = new Map<number, number>();
  /** What is being drained to be given to somebody. */
  readonly #giving = new Map<number, string>();

  constructor(parts: LeaseWayParts) {
    this.#parts = parts;
    this.#leases = parts.held('default');
  }

  async renew(): Promise<boolean> {
    const partitions = this.#leases.partitions;
    await Promise.all(partitions.map((partition) => this.#renew(partition)));
    this.#handOverLost();
    return partitions.every((partition) => this.#leases.has(partition));
  }

  async follow({ default: leases }: LeasesByFolder): Promise<Followed> {
    const { loop, plan: planOf } = this.#parts;
    this.#leases.check(leases);
    const plan = planOf(leases);
    await Promise.all(
      leases.map(async (lease) => {
        const { partition } = lease;
        if (this.#leases.has(partition)) return this.#renew(partition);
        const { ask, keep, take } = plan;
        const isWanted = [...ask, ...keep, ...take].includes(partition);
        if (!isWanted || loop.held.isLeaving(partition)) return;
        // One that bears our name was taken by a request whose answer did not arrive, from whomever; and a dead worker may have died
        // while it waited.
        const isOfTheDead = take.includes(partition);
        const isTakenAway = !isOfTheDead || (lease.isLeased && lease.isTakenAway === true);
        this.#taken(partition, await this.#leases.take(lease, isTakenAway), isTakenAway);
      }),
    );
    this.#handOverLost();
    await this.#give(plan);
    return { others: plan.others, soonMs: this.#soonMs() };
  }

  /** What was taken away and is not read yet is nobody's before it runs out: whoever finds it free reads at once. */
  async giveBack(): Promise<void> {
    for (const partition of this.#readableFromMs.keys()) this.#leases.leave(partition);
    this.#readableFromMs.clear();
    this.#giving.clear();
    await this.#leases.giveBackAll();
  }

  /** Nobody waits who gets a lease that is free: it is given back when nothing of the partition is here any more. */
  async #give({ handOver, nextOwners }: LeasePlan): Promise<void> {
    const { loop, handedOver } = this.#parts;
    for (const partition of handOver) {
      this.#giving.set(partition, nextOwners.get(partition) ?? '');
    }
    if (this.#giving.size === 0) return;
    const leaving = [...this.#giving.keys()].map((partition) => loop.handOver(partition));
    await Promise.race([Promise.all(leaving), pause(QUICK_DRAIN_MS)]);
    for (const [partition, nextOwner] of this.#giving) {
      if (loop.held.isLeaving(partition)) continue;
      this.#giving.delete(partition);
      await this.#leases.giveBack(partition, nextOwner);
      handedOver(nextOwner);
    }
  }

  async #renew(partition: number): Promise<void> {
    this.#hold(partition, await this.#leases.renew(partition));
  }

  #taken(partition: number, startedMs: number | undefined, isTakenAway: boolean): void {
    if (startedMs === undefined) return;
    if (isTakenAway) {
      const { passedMs, leaseMs } = this.#parts;
      this.#readableFromMs.set(partition, passedMs() + leaseMs);
    } else {
      this.#readableFromMs.delete(partition);
    }
    this.#hold(partition, startedMs);
  }

  #hold(partition: number, startedMs: number | undefined): void {
    const { loop, leaseMs, passedMs } = this.#parts;
    if (startedMs === undefined || loop.isStopping || this.#giving.has(partition)) return;
    if (passedMs() < (this.#readableFromMs.get(partition) ?? -Infinity)) return;
    this.#readableFromMs.delete(partition);
    loop.held.hold(partition, loop.endMs(startedMs, leaseMs));
  }

  /** Whoever has them now waits, if it is one of ours: what runs may end. */
  #handOverLost(): void {
    const { loop } = this.#parts;
    for (const partition of loop.held.owned()) {
      if (!this.#leases.has(partition)) void loop.handOver(partition);
    }
  }

  #soonMs(): number | undefined {
    const { loop, passedMs } = this.#parts;
    const waits = [...this.#readableFromMs]
      .filter(([partition]) => this.#leases.has(partition))
      .map(([, fromMs]) => Math.max(fromMs - passedMs(), 1));
    if (waits.length > 0) return Math.min(...waits);
    if (this.#giving.size > 0) return GIVING_PAUSE_MS;
    return loop.held.isAnyLeaving ? this.#parts.leaseMs : undefined;
  }
}
