/**
 * Tells other workers of messages that this process has put for them, so that they need not find them by polling. Nobody waits for
 * it, and nothing is tried again: a hint that gets lost costs the time until the next poll.
 *
 * W1 Hints are merged: at most one is on its way to each owner for each queue, and one more waits for it to arrive.
 * W2 Who owns what is known from the table of partitions: a worker looks there anyway, a client looks at most every ten seconds,
 *    and only when it has put something. Whoever is not where the table says makes the next hint look again.
 * W3 An address of the loopback interface is worth something on its own machine only, and is passed over elsewhere.
 * W4 Who owns what also says whom to ask what it executes, when somebody wants to know.
 */
import { isOnThisMachine } from '../partitions/worker-name.ts';
import type { DoorbellAddress, Waiting } from './doorbell.ts';

/** What storage tells of a worker, once for each partition that it has. */
export interface WorkerWithDoor {
  /** undefined for one that has none. */
  readonly partition?: number | undefined;
  readonly owner: string | undefined;
  readonly doorbell?: DoorbellAddress | undefined;
}

export interface WakeUpsOptions {
  readonly readOwners: () => Promise<readonly WorkerWithDoor[]>;
  /** This process, and the key of its own door: nobody rings there. */
  readonly ownName: () => string;
  readonly ownKey: string;
  /** Resolves with whether somebody was there, and it was the right one. Never rejects. */
  readonly ring: (address: DoorbellAddress, waiting: Waiting) => Promise<boolean>;
  /** In ms, never less than before. */
  readonly passedMs: () => number;
}

const MAX_AGE_MS = 10_000;
/** After a hint that did not arrive, and when storage does not tell. */
const MIN_AGE_MS = 1_000;

interface Ringing {
  isWanted: boolean;
}

export class WakeUps {
  readonly #options: WakeUpsOptions;
  #owners: readonly WorkerWithDoor[] = [];
  /** Until when `#owners` is good. */
  #goodUntilMs = -Infinity;
  #nextLookMs = -Infinity;
  #looking: Promise<void> | undefined;
  readonly #waitingForLook = new Set<Waiting>();
  readonly #ringing = new Map<string, Ringing>();
  readonly #underWay = new Set<Promise<void>>();

  constructor(options: WakeUpsOptions) {
    this.#options = options;
  }

  /** The table as a worker has just read it, which goes on doing so. */
  learn(owners: readonly WorkerWithDoor[]): void {
    this.#owners = owners;
    this.#goodUntilMs = Infinity;
  }

  /** The worker does not look into the table any more. */
  forget(): void {
    this.#goodUntilMs = -Infinity;
  }

  /** Something was put for others, visible by now. */
  tell(waiting: Waiting): void {
    if (this.#options.passedMs() < this.#goodUntilMs) {
      this.#ringFor(waiting);
      return;
    }
    this.#waitingForLook.add(waiting);
    void this.#lookOnce();
  }

  /** The other workers, each once, with the door of those that have one that can be reached from here. */
  async others(): Promise<ReadonlyMap<string, DoorbellAddress | undefined>> {
    if (this.#options.passedMs() >= this.#goodUntilMs) await this.#lookOnce();
    const { ownKey, ownName } = this.#options;
    const me = ownName();
    const others = new Map<string, DoorbellAddress | undefined>();
    for (const { owner, doorbell } of this.#owners) {
      if (owner === undefined || owner === me || doorbell?.key === ownKey) continue;
      const door = doorbell !== undefined && isReachable(doorbell, owner) ? doorbell : undefined;
      others.set(owner, door ?? others.get(owner));
    }
    return others;
  }

  /** Has a worker look for partitions that it can have. Nothing happens when it is not known. */
  tellWorker(name: string): void {
    this.#ringAt(
      this.#owners.filter(({ owner }) => owner === name),
      'partitions',
    );
  }

  /** Resolves when no hint is under way: for processes that end. A second or so, at most. */
  async settled(): Promise<void> {
    await this.#looking;
    while (this.#underWay.size > 0) await Promise.all(this.#underWay);
  }

  /** Whoever wants to be told of something meanwhile is told when it is known who is where. */
  #lookOnce(): Promise<void> {
    this.#looking ??= this.#look().finally(() => {
      this.#looking = undefined;
      const waiting = [...this.#waitingForLook];
      this.#waitingForLook.clear();
      for (const each of waiting) this.#ringFor(each);
    });
    return this.#looking;
  }

  async #look(): Promise<void> {
    const { passedMs, readOwners } = this.#options;
    const nowMs = passedMs();
    if (nowMs < this.#nextLookMs) return;
    this.#nextLookMs = nowMs + MIN_AGE_MS;
    try {
      const owners = await readOwners();
      // A worker that began meanwhile knows it better.
      if (this.#goodUntilMs !== Infinity) this.#owners = owners;
      this.#goodUntilMs = Math.max(this.#goodUntilMs, nowMs + MAX_AGE_MS);
    } catch {
      // No hints then: polling finds what was put. Whoever needs storage says that it is away.
      this.#owners = [];
    }
  }

  #ringFor(waiting: Waiting): void {
    const isForAll = waiting === 'activities' || waiting === 'partitions';
    const all = this.#owners;
    this.#ringAt(isForAll ? all : all.filter(({ partition }) => partition === waiting), waiting);
  }

  #ringAt(workers: readonly WorkerWithDoor[], waiting: Waiting): void {
    const doors = new Map<string, DoorbellAddress>();
    for (const { owner, doorbell } of workers) {
      if (owner === undefined || doorbell === undefined) continue;
      if (doorbell.key === this.#options.ownKey || !isReachable(doorbell, owner)) continue;
      doors.set(doorbell.key, doorbell);
    }
    for (const door of doors.values()) this.#ring(door, waiting);
  }

  #ring(door: DoorbellAddress, waiting: Waiting): void {
    const key = `${waiting} ${door.key}`;
    const underWay = this.#ringing.get(key);
    if (underWay !== undefined) {
      underWay.isWanted = true;
      return;
    }
    const ringing: Ringing = { isWanted: true };
    this.#ringing.set(key, ringing);
    const done: Promise<void> = this.#ringWhileWanted(door, waiting, ringing).finally(() => {
      this.#ringing.delete(key);
      this.#underWay.delete(done);
    });
    this.#underWay.add(done);
  }

  async #ringWhileWanted(door: DoorbellAddress, waiting: Waiting, ringing: Ringing): Promise<void> {
    while (ringing.isWanted) {
      ringing.isWanted = false;
      if (!(await this.#options.ring(door, waiting))) {
        this.#goodUntilMs = -Infinity;
        return;
      }
    }
  }
}

/** W3. Hosts that run in containers beside each other have loopback interfaces of their own. */
function isReachable({ url }: DoorbellAddress, owner: string): boolean {
  const { hostname } = new URL(url);
  const isLoopback = /^(?:127\.|\[::1\]$|localhost$)/.test(hostname);
  return !isLoopback || isOnThisMachine(owner);
}
