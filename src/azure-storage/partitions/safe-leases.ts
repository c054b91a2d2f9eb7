/**
 * Two leases for each partition, so that it is never read by two: the intent, which is taken away from whoever has too many, and the
 * ownership, which its holder gives up by itself once it has lost the intent and finished what runs. Mirrors SafePartitionManager; the
 * ownership is given back when the partition is drained, rather than left to run out.
 */
import { pause } from '../../base/pause.ts';
import type { HeldLeases } from './held-leases.ts';
import type { LeasesByFolder, StoredLease } from './lease-blobs.ts';
import type { Followed, LeaseWay, LeaseWayParts } from './lease-ownership.ts';
import { isOurWorker } from './worker-name.ts';

/** While a partition is on its way between workers of ours. */
const HAND_OVER_PAUSE_MS = 1_000;
/** While a .NET worker has it: such a one lets its lease run out. Mirrors the AcquireInterval of ownership leases there. */
const DOTNET_HAND_OVER_PAUSE_MS = 5_000;
/** What is let go of within this time is handed over in the same round. */
const QUICK_DRAIN_MS = 500;

export class SafeLeases implements LeaseWay {
  readonly readerFolder = 'ownership';
  readonly #parts: LeaseWayParts;
  readonly #intents: HeldLeases;
  readonly #ownerships: HeldLeases;

  constructor(parts: LeaseWayParts) {
    this.#parts = parts;
    this.#intents = parts.held('intent');
    this.#ownerships = parts.held('ownership');
  }

  async renew(): Promise<boolean> {
    const intents = this.#intents.partitions;
    const ownerships = this.#ownerships.partitions;
    await Promise.all([
      ...intents.map((partition) => this.#intents.renew(partition)),
      ...ownerships.map((partition) => this.#renewOwnership(partition)),
    ]);
    const isRefused = (leases: HeldLeases) => (partition: number) => !leases.has(partition);
    return !intents.some(isRefused(this.#intents)) && !ownerships.some(isRefused(this.#ownerships));
  }

  async follow({ intent, ownership }: LeasesByFolder): Promise<Followed> {
    const { loop, plan: planOf } = this.#parts;
    this.#intents.check(intent);
    this.#ownerships.check(ownership);
    this.#dropLost();
    const plan = planOf(intent);
    // One that bears our name, and that we do not know of, was taken by a request whose answer did not arrive.
    const wanted = [...plan.take, ...plan.ask, ...plan.keep];
    await Promise.all(
      pick(intent, wanted).map(async (lease) => {
        if (this.#intents.has(lease.partition)) await this.#intents.renew(lease.partition);
        else await this.#intents.take(lease);
      }),
    );
    await Promise.all(
      plan.handOver.map((partition) =>
        this.#intents.giveBack(partition, plan.nextOwners.get(partition)),
      ),
    );
    await this.#beginToHandOver();
    await Promise.all(ownership.map((lease) => this.#followOwnership(lease)));
    this.#dropLost();
    const awaited = ownership.filter(({ partition }) => this.#isAwaited(partition));
    this.#tellNextOwners(plan.nextOwners);
    return { others: plan.others, soonMs: this.#soonMs(awaited, loop.held.isAnyLeaving) };
  }

  /** Those who wanted a lease took it, and look for the other one all the time; who was chosen does not know. */
  #tellNextOwners(nextOwners: ReadonlyMap<number, string>): void {
    for (const worker of new Set(nextOwners.values())) this.#parts.handedOver(worker);
  }

  async giveBack(): Promise<void> {
    await Promise.all([this.#ownerships.giveBackAll(), this.#intents.giveBackAll()]);
  }

  /** Nobody takes an ownership away that is renewed: it ran out, and somebody may have it by now. */
  #dropLost(): void {
    const { loop } = this.#parts;
    const lost = loop.held.owned().filter((partition) => !this.#ownerships.has(partition));
    loop.lose(lost, 'their leases ran out, or another worker has taken them');
  }

  async #beginToHandOver(): Promise<void> {
    const { loop } = this.#parts;
    const leaving = loop.held
      .owned()
      .filter((partition) => !this.#intents.has(partition))
      .map((partition) => loop.handOver(partition));
    if (leaving.length > 0) await Promise.race([Promise.all(leaving), pause(QUICK_DRAIN_MS)]);
  }

  async #followOwnership(lease: StoredLease): Promise<void> {
    const { partition } = lease;
    const isLeaving = this.#parts.loop.held.isLeaving(partition);
    if (this.#ownerships.has(partition)) {
      if (isLeaving || this.#intents.has(partition)) await this.#renewOwnership(partition);
      else await this.#ownerships.giveBack(partition);
    } else if (this.#intents.has(partition) && !isLeaving && this.#mayBeTaken(lease)) {
      this.#hold(partition, await this.#ownerships.take(lease));
    }
  }

  async #renewOwnership(partition: number): Promise<void> {
    this.#hold(partition, await this.#ownerships.renew(partition));
  }

  #hold(partition: number, startedMs: number | undefined): void {
    const { loop, leaseMs } = this.#parts;
    if (startedMs === undefined || loop.isStopping || !this.#intents.has(partition)) return;
    loop.held.hold(partition, loop.endMs(startedMs, leaseMs));
  }

  #mayBeTaken({ isLeased, owner }: StoredLease): boolean {
    const { me, isKnownDead } = this.#parts;
    return !isLeased || (owner !== undefined && (owner === me || isKnownDead(owner)));
  }

  #isAwaited(partition: number): boolean {
    return this.#intents.has(partition) && !this.#parts.loop.held.owns(partition);
  }

  #soonMs(awaited: readonly StoredLease[], isAnyLeaving: boolean): number | undefined {
    if (awaited.length === 0 && !isAnyLeaving) return undefined;
    const isOurs = isAnyLeaving || awaited.some(({ owner }) => isOurWorker(owner ?? ''));
    return isOurs ? HAND_OVER_PAUSE_MS : DOTNET_HAND_OVER_PAUSE_MS;
  }
}

function pick(leases: readonly StoredLease[], partitions: readonly number[]): StoredLease[] {
  return leases.filter(({ partition }) => partitions.includes(partition));
}
