/**
 * Partitions that workers share by leases of blobs: with .NET workers that are set up so, too. How they come to an agreement is a
 * `LeaseWay`, of which there are two; what they have in common is here.
 *
 * B1 A partition is read only while the lease that stands for reading it is ours, and it is believed for less time than storage keeps
 *    it: counted from before storage was asked, on a clock that never shows too little.
 * B2 Who owns a lease, and whether it still runs, is said by storage alone: clocks of workers do not matter.
 * B3 A worker renews what it has while it looks, and one that has all leases need not look: whoever wants a partition takes a lease
 *    away, and then the renewal is refused.
 * B4 Each lease is renewed by a request of its own. There is no way to renew several at once.
 * B5 A partition that is given to another worker is given back with the name of that one, and is everybody's when it does not come for it
 *    within the time of a lease, on the clock of whoever looks.
 */
import { pause } from '../../base/pause.ts';
import { passedTime } from '../../base/passed-time.ts';
import {
  planPartitions,
  type PartitionClaim,
  type PartitionPlan,
} from '../../core/partition-balance.ts';
import { errorText, partitionsOwned, text } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { DoorbellAddress } from '../wake-ups/doorbell.ts';
import { HeldLeases, type LeaseStore } from './held-leases.ts';
import type { LeaseFolder, LeasesByFolder, StoredLease } from './lease-blobs.ts';
import { OwnershipLoop } from './ownership-loop.ts';
import type {
  PartitionListener,
  PartitionOwner,
  PartitionOwnership,
} from './partition-ownership.ts';
import { PartitionTurns, type LiveWorker } from './partition-turns.ts';
import { isKnownDead, newWorkerName } from './worker-name.ts';

/** What a way of sharing works with. */
export interface LeaseWayParts {
  readonly loop: OwnershipLoop;
  readonly me: string;
  readonly leaseMs: number;
  readonly passedMs: () => number;
  readonly isKnownDead: (workerName: string) => boolean;
  readonly held: (folder: LeaseFolder) => HeldLeases;
  /** What follows from the leases of one folder, and who is to have what is handed over, where that is for us to say. */
  readonly plan: (leases: readonly StoredLease[]) => LeasePlan;
  /** Told that a worker can have partitions which it does not know of yet. */
  readonly handedOver: (worker: string) => void;
}

export interface LeasePlan extends PartitionPlan {
  readonly nextOwners: ReadonlyMap<number, string>;
}

export interface LeaseWay {
  /** Says who reads a partition. */
  readonly readerFolder: LeaseFolder;
  /**
   * Renews everything without having looked, so that `follow` need not.
   * @returns false when something was refused, and has to be looked at.
   */
  renew(): Promise<boolean>;
  /** Does what is to be done about what all workers have. */
  follow(leases: LeasesByFolder): Promise<Followed>;
  /** Leaves all leases to others. */
  giveBack(): Promise<void>;
}

export interface Followed {
  /** The other workers that have partitions, or are about to. */
  readonly others: readonly string[];
  /** How long to wait before the next look at the latest; undefined when nothing is on its way. */
  readonly soonMs: number | undefined;
}

export interface LeaseOwnershipOptions {
  readonly taskHub: string;
  readonly store: LeaseStore;
  readonly way: (parts: LeaseWayParts) => LeaseWay;
  /** Between two looks; a third of the lease at most. */
  readonly acquireIntervalMs: number;
  readonly log: Logger;
  /** Where others tell this worker that something waits for it; undefined while they cannot. @default they never can */
  readonly doorbell?: () => DoorbellAddress | undefined;
  /** The app of this worker, for others to know it by; undefined while it is not known. @default it never is */
  readonly app?: () => string | undefined;
  /** Told who reads what, as often as it is looked at, and with `undefined` when it is not looked at any more. */
  readonly onRead?: (owners: readonly PartitionOwner[] | undefined) => void;
  /** The workers that own nothing, as far as they are known. @default nobody knows of any */
  readonly idleWorkers?: () => readonly LiveWorker[];
  /** Told that a worker can have partitions which it does not know of yet. */
  readonly onHandedOver?: (worker: string) => void;
  /** Told after each look whether this worker owns anything. */
  readonly onLooked?: (ownsAny: boolean) => void;
  /** @default a new one */
  readonly workerName?: string;
  /** @default `passedTime()` */
  readonly passedMs?: () => number;
  /** @default by the processes of this machine */
  readonly isKnownDead?: (workerName: string) => boolean;
}

/** Share of a lease. A renewal whose answer was lost is found out, and done again, within this. */
const SECOND_TRY_SHARE = 1 / 10;
/** Between two renewals, also when they come too late. */
const LEAST_PAUSE_MS = 100;

export class LeaseOwnership implements PartitionOwnership {
  readonly #options: LeaseOwnershipOptions;
  readonly #lookIntervalMs: number;
  readonly #loop: OwnershipLoop;
  readonly #way: LeaseWay;
  readonly #me: string;
  readonly #passedMs: () => number;
  readonly #isKnownDead: (workerName: string) => boolean;
  readonly #turns: PartitionTurns;
  readonly #leases: HeldLeases[] = [];
  #owners: readonly PartitionOwner[] = [];
  /** Leases that were given to somebody, with when that was first seen here. */
  readonly #given = new Map<number, { readonly to: string; readonly sinceMs: number }>();
  #isAlone = false;
  /** Nothing was on its way at the last look, nor has been since. */
  #isSettled = false;
  #told = '';

  constructor(options: LeaseOwnershipOptions) {
    this.#options = options;
    const { taskHub, store, log, doorbell, app, way } = options;
    const { leaseMs } = store;
    const me = options.workerName ?? newWorkerName();
    const passedMs = options.passedMs ?? passedTime();
    this.#me = me;
    this.#passedMs = passedMs;
    this.#isKnownDead = options.isKnownDead ?? isKnownDead;
    // Often enough that one renewal may fail, and another one come late.
    this.#lookIntervalMs = Math.min(options.acquireIntervalMs, leaseMs / 3);
    this.#loop = new OwnershipLoop({
      taskHub,
      log,
      leaseIntervalMs: leaseMs,
      passedMs,
      round: () => this.#round(),
      looked: options.onLooked,
      left: () => {
        this.#unsettle();
      },
    });
    this.#turns = new PartitionTurns({
      me,
      app: () => app?.(),
      turnMs: this.#lookIntervalMs,
      passedMs,
      heldForMs: (partition) => this.#loop.held.heldForMs(partition),
    });
    this.#way = way({
      loop: this.#loop,
      me,
      leaseMs,
      passedMs,
      isKnownDead: this.#isKnownDead,
      plan: (leases) => this.#plan(leases),
      handedOver: (worker) => options.onHandedOver?.(worker),
      held: (folder) => {
        // Nobody looks for it beside an intent.
        const note = () => (folder === 'intent' ? {} : { doorbell: doorbell?.(), app: app?.() });
        const leases = new HeldLeases({ store, me, passedMs, note });
        this.#leases.push(leases);
        return leases;
      },
    });
  }

  async start(listener: PartitionListener): Promise<void> {
    this.#unsettle();
    await this.#loop.start(listener);
  }

  async stop(signal: AbortSignal): Promise<void> {
    await this.#loop.stop(signal);
    this.#options.onRead?.(undefined);
  }

  async release(): Promise<void> {
    await this.#loop.ended();
    try {
      await this.#way.giveBack();
    } catch (error) {
      const message = `The partitions of task hub '${this.#options.taskHub}' were not handed back, and are free when their leases run out: ${errorText(error)}`;
      text(this.#options.log, 'debug', 'Host.Triggers.DurableTask', message, error);
    }
  }

  owns(partition: number): boolean {
    return this.#loop.held.owns(partition);
  }

  epoch(partition: number): number {
    return this.#loop.held.epoch(partition);
  }

  look(): void {
    this.#isAlone = false;
    this.#loop.look();
  }

  leaveTo(app: string, partition: number): void {
    if (this.#turns.note(partition, app)) this.#loop.look();
  }

  /** @returns how long to wait before the next one. */
  async #round(): Promise<number> {
    const startedMs = this.#passedMs();
    const pauseMs = await this.#renewAndFollow();
    return Math.max(0, Math.min(pauseMs, this.#spareMs(startedMs)));
  }

  /** How long the next renewal may be put off where storage is as slow as it was since then. */
  #spareMs(startedMs: number): number {
    const nowMs = this.#passedMs();
    const neededMs = nowMs - startedMs + this.#options.store.leaseMs * SECOND_TRY_SHARE;
    return this.#loop.held.firstEndMs - nowMs - neededMs;
  }

  async #renewAndFollow(): Promise<number> {
    this.#beginRound();
    const isSettled = this.#isSettled && !this.#loop.held.isAnyLeaving && !this.#loop.isStopping;
    if (isSettled && this.#isAlone && !this.#turns.isAnyWanted && (await this.#way.renew())) {
      return this.#lookIntervalMs;
    }
    const leases = await this.#look(isSettled && !this.#isAlone);
    const readers = leases[this.#way.readerFolder];
    this.#owners = ownersOf(readers);
    this.#options.onRead?.(this.#owners);
    const { others, soonMs } = await this.#way.follow(leases);
    this.#noteOthers(others, readers.length, soonMs !== undefined);
    return Math.min(soonMs ?? Infinity, this.#lookIntervalMs, this.#turns.nextEndMs);
  }

  /** @param isRenewing what is ours is renewed meanwhile, however long it takes: a lease is to cost one answer of storage, not two. */
  async #look(isRenewing: boolean): Promise<LeasesByFolder> {
    const reading = this.#options.store.read();
    if (!isRenewing) return reading;
    const over = new AbortController();
    const end = (): void => {
      over.abort();
    };
    reading.then(end, end);
    do {
      const startedMs = this.#passedMs();
      this.#beginRound();
      if (!(await this.#way.renew())) break;
      await pause(Math.max(LEAST_PAUSE_MS, this.#spareMs(startedMs)), over.signal);
    } while (!over.signal.aborted);
    return reading;
  }

  #beginRound(): void {
    for (const leases of this.#leases) leases.beginRound();
  }

  #unsettle(): void {
    this.#isAlone = false;
    this.#isSettled = false;
  }

  #plan(leases: readonly StoredLease[]): LeasePlan {
    const apps = new Map(this.#owners.map(({ owner, app }) => [owner, app]));
    const claims = leases.map((lease) => {
      const claim = this.#claim(lease);
      return { ...claim, app: apps.get(claim.owner) };
    });
    const workers = [
      ...this.#owners.flatMap(({ owner, app }) =>
        owner === undefined || this.#isKnownDead(owner) ? [] : [{ name: owner, app }],
      ),
      ...(this.#options.idleWorkers?.() ?? []),
    ];
    const nextOwners = this.#turns.nextOwners(claims, workers);
    const given = this.#turns
      .withTurns(claims)
      .map((claim) =>
        claim.owner === this.#me ? { ...claim, nextOwner: nextOwners.get(claim.partition) } : claim,
      );
    return { ...planPartitions(given, this.#me), nextOwners };
  }

  /** A lease as a claim: one that does not run is at once somebody's who takes it, unless it was given to another one. */
  #claim(lease: StoredLease): PartitionClaim {
    const { partition, isLeased, owner, writtenMs: ownedSinceMs } = lease;
    const isClaimed = isLeased && owner !== undefined;
    const nextOwner = isLeased ? undefined : lease.nextOwner;
    const isOver = this.#isOver(partition, nextOwner);
    return {
      partition,
      owner: isClaimed ? owner : undefined,
      nextOwner: isOver ? undefined : nextOwner,
      isDraining: false,
      isExpired: isClaimed && this.#isKnownDead(owner),
      ownedSinceMs,
    };
  }

  /** B5 */
  #isOver(partition: number, nextOwner: string | undefined): boolean {
    if (nextOwner === undefined) {
      this.#given.delete(partition);
      return false;
    }
    const nowMs = this.#passedMs();
    const known = this.#given.get(partition);
    const given = known?.to === nextOwner ? known : { to: nextOwner, sinceMs: nowMs };
    this.#given.set(partition, given);
    return this.#isKnownDead(nextOwner) || nowMs - given.sinceMs >= this.#options.store.leaseMs;
  }

  #noteOthers(others: readonly string[], partitionCount: number, isMoving: boolean): void {
    const owned = this.#loop.held.owned();
    this.#isSettled = !isMoving;
    this.#isAlone = !isMoving && owned.length === partitionCount;
    const names = [...others].sort();
    const now = JSON.stringify([owned, names]);
    const isNews = now !== this.#told && !isMoving && (names.length > 0 || this.#told !== '');
    if (!isNews) return;
    this.#told = names.length > 0 ? now : '';
    const { log, taskHub } = this.#options;
    partitionsOwned(log, { taskHub, partitions: owned, others: names });
  }
}

/** Who reads what, for those who want to tell it of messages. */
export function ownersOf(leases: readonly StoredLease[]): readonly PartitionOwner[] {
  return leases.map(({ partition, isLeased, owner, doorbell, app }) => ({
    partition,
    owner: isLeased ? owner : undefined,
    doorbell: isLeased ? doorbell : undefined,
    app: isLeased ? app : undefined,
  }));
}
