/**
 * Partitions in which work waits that this worker cannot do, and a worker of another app can: they are given to such a one, so that what
 * waits there is done. Balancing brings another partition back for it, or the same one later.
 *
 * P1 A partition stays with an app for a turn at least, however much of others waits in it: where apps share a partition, both get on, and
 *    it does not go back and forth faster than that. Workers of another app do not ask for it before, either: whoever was given one has
 *    more than its share, and balancing would take it away at once. Who asks goes by what it saw, or the owner wrote.
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

/** A partition, with the app of who has it. */
export interface ClaimOfApp extends PartitionClaim {
  readonly app?: string | undefined;
  /** By the same clock as `ownedSinceMs`. @default not known */
  readonly lastRenewalMs?: number | undefined;
}
type ClaimOwner = Pick<LiveWorker, 'name' | 'app'>;

export interface PartitionTurnsOptions {
  /** The name of this worker. */
  readonly me: string;
  /** The app of this worker; undefined while it is not known. */
  readonly app: () => string | undefined;
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
  /** Who has each partition, and since when its app was seen to have it. */
  readonly #tenures = new Map<number, { readonly owner: ClaimOwner; readonly sinceMs: number }>();
  /** What this worker asked for, and does not have yet. */
  readonly #asked = new Set<number>();

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

  /** Who is to have which of our partitions next, whoever else asked for them. */
  nextOwners(
    claims: readonly PartitionClaim[],
    workers: readonly LiveWorker[],
  ): ReadonlyMap<number, string> {
    const over = this.#open().filter(([partition]) => this.#leftMs(partition) <= 0);
    const asked = new Map(claims.map(({ partition, nextOwner }) => [partition, nextOwner ?? '']));
    const able = over.flatMap(([partition, { app }]) => {
      const ofApp = workers.filter((worker) => worker.app === app && !this.#isMe(worker.name));
      const names = new Set(ofApp.map(({ name }) => name));
      return names.has(asked.get(partition) ?? '') ? [] : [[partition, [...names]] as const];
    });
    return chooseNextOwners(claims, new Map(able));
  }

  /** To be told of each look. @returns the same, with what is not to be asked for yet. */
  withTurns(claims: readonly ClaimOfApp[]): readonly PartitionClaim[] {
    const ownApp = this.#options.app();
    return claims.map((claim) => {
      const { partition, owner, app } = claim;
      if (!this.#isOnItsWay(claim)) this.#asked.delete(partition);
      if (owner === undefined) {
        // A gift, or free: from whom it comes was not always seen, and a turn begins.
        if (!this.#asked.has(partition)) this.#tenures.delete(partition);
        return claim;
      }
      const isMine = this.#isMe(owner);
      const heldMs = isMine ? 0 : knownTenureMs(claim);
      this.#noteTenure(partition, { name: owner, app: isMine ? ownApp : app }, heldMs);
      const isOfOthers = ownApp !== undefined && app !== undefined && app !== ownApp;
      return { ...claim, isInTurn: isOfOthers && this.#leftMs(partition) > 0 };
    });
  }

  /** To be told what this worker asks for. */
  noteAsked(partitions: readonly number[]): void {
    for (const partition of partitions) this.#asked.add(partition);
  }

  #isOnItsWay({ owner, nextOwner }: PartitionClaim): boolean {
    return nextOwner !== undefined && this.#isMe(nextOwner) && owner !== this.#options.me;
  }

  #noteTenure(partition: number, owner: ClaimOwner, heldMs: number): void {
    const known = this.#tenures.get(partition);
    const isOn = known !== undefined && isSameTurn(known.owner, owner);
    const sinceMs = isOn ? known.sinceMs : this.#options.passedMs() - heldMs;
    // .NET workers leave the app out of rows that they write.
    const app = owner.app ?? (isOn ? known.owner.app : undefined);
    this.#tenures.set(partition, { owner: { name: owner.name, app }, sinceMs });
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
    const { me, app, turnMs, passedMs, heldForMs } = this.#options;
    const heldMs = heldForMs(partition);
    const tenure = this.#tenures.get(partition);
    const seenMs = tenure === undefined ? 0 : passedMs() - tenure.sinceMs;
    if (heldMs === undefined) return turnMs - seenMs;
    const isOn = tenure !== undefined && isSameTurn(tenure.owner, { name: me, app: app() });
    return turnMs - (isOn ? Math.max(heldMs, seenMs) : heldMs);
  }

  #isMe(worker: string): boolean {
    return worker === this.#options.me;
  }
}

/** As far as who has it wrote it down, so that a newcomer need not watch for a turn. */
function knownTenureMs({ lastRenewalMs, ownedSinceMs }: ClaimOfApp): number {
  if (lastRenewalMs === undefined || ownedSinceMs === undefined) return 0;
  return Math.max(0, lastRenewalMs - ownedSinceMs);
}

/** What a worker leaves to another one of its app goes on in its turn there. */
function isSameTurn(first: ClaimOwner, next: ClaimOwner): boolean {
  return first.name === next.name || (first.app !== undefined && first.app === next.app);
}
