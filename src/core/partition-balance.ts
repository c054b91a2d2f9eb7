/**
 * Which partitions a worker takes, keeps, hands over and asks others for, from what all workers have written down. Every worker
 * decides alone, by the same rule: workers that see the same come to an agreement in which their shares differ by one at most,
 * and which no step changes any more. Mirrors the rules of TableLeaseManager.ReadAndWriteTableAsync and BalanceLeasesAsync, whose
 * workers may share the hub.
 */

/** What is written down about one partition. */
export interface PartitionClaim {
  readonly partition: number;
  readonly owner: string | undefined;
  /** Who asked the owner for it, and has it next. */
  readonly nextOwner: string | undefined;
  /** The owner takes nothing new from it, and lets go of it soon. */
  readonly isDraining: boolean;
  /** Its owner did not say in time that it still works, or is known to be gone. */
  readonly isExpired: boolean;
  /** To compare with those of other partitions; any clock will do. @default older than all */
  readonly ownedSinceMs?: number | undefined;
  /** It is not to be asked for yet, as who has it may have been given it for what waits in it. @default false */
  readonly isInTurn?: boolean;
}

export interface PartitionPlan {
  /** Nobody's: they become ours. */
  readonly take: readonly number[];
  /** Ours, and nobody else wants them. */
  readonly keep: readonly number[];
  /** Ours, and somebody else is to have them. */
  readonly handOver: readonly number[];
  /** Another worker's that has more than its share, or that stops: to be asked for. */
  readonly ask: readonly number[];
  /** Asked for before, and not let go of yet. */
  readonly awaited: readonly number[];
  /** The other workers that have partitions, or are about to. */
  readonly others: readonly string[];
}

/** @param me the name that this worker writes down as owner. */
export function planPartitions(claims: readonly PartitionClaim[], me: string): PartitionPlan {
  const take: number[] = [];
  const keep: number[] = [];
  const handOver: number[] = [];
  const ask: number[] = [];
  const awaited: number[] = [];
  const shares = new Map<string, Share>();
  for (const claim of claims) {
    const { partition, owner, nextOwner, isDraining } = claim;
    if (owner === me) {
      if (nextOwner === undefined || nextOwner === me) keep.push(partition);
      else {
        handOver.push(partition);
        shareOf(shares, nextOwner).size += 1;
      }
    } else if (isFree(claim, me)) {
      take.push(partition);
    } else if (nextOwner === me) {
      awaited.push(partition);
    } else if (nextOwner === undefined && isDraining) {
      ask.push(partition);
    } else {
      // It is counted for the one that will have it soon, and left alone until then.
      const share = shareOf(shares, nextOwner ?? owner ?? '');
      share.size += 1;
      const isSettled = nextOwner === undefined || nextOwner === owner;
      if (isSettled && claim.isInTurn !== true) share.settled.push(claim);
    }
  }
  const mine = take.length + keep.length + ask.length + awaited.length;
  ask.push(...surplusOfOthers([...shares.values()], mine));
  return { take, keep, handOver, ask, awaited, others: [...shares.keys()] };
}

function isFree({ owner, nextOwner, isExpired }: PartitionClaim, me: string): boolean {
  return isExpired || (owner === undefined && (nextOwner === undefined || nextOwner === me));
}

interface Share {
  size: number;
  /** Those that are not on their way, and may be asked for. */
  readonly settled: PartitionClaim[];
}

function shareOf(shares: Map<string, Share>, worker: string): Share {
  const share = shares.get(worker) ?? { size: 0, settled: [] };
  shares.set(worker, share);
  return share;
}

/**
 * What this worker is to ask for: from the largest share, as long as that is two larger than its own. Every such step makes the
 * shares more equal, so that no two workers can go on for ever taking from each other. What its owner has had longest comes first: what
 * it was given lately it was given for a reason.
 */
function surplusOfOthers(shares: readonly Share[], mine: number): readonly number[] {
  const asked: number[] = [];
  for (const { settled } of shares) {
    settled.sort((a, b) => (a.ownedSinceMs ?? 0) - (b.ownedSinceMs ?? 0));
  }
  for (;;) {
    const [largest] = [...shares].sort((a, b) => b.size - a.size);
    if (largest === undefined || largest.size - (mine + asked.length) < 2) return asked;
    const claim = largest.settled.shift();
    if (claim === undefined) return asked;
    largest.size -= 1;
    asked.push(claim.partition);
  }
}

/**
 * Who is to have partitions with work that this worker cannot do: of those who can, the one that has the fewest.
 * @param able by partition, the workers that can do what waits in it.
 */
export function chooseNextOwners(
  claims: readonly PartitionClaim[],
  able: ReadonlyMap<number, readonly string[]>,
): ReadonlyMap<number, string> {
  const sizes = new Map<string, number>();
  const sizeOf = (worker: string): number => sizes.get(worker) ?? 0;
  for (const { owner, nextOwner } of claims) {
    const worker = nextOwner ?? owner;
    if (worker !== undefined) sizes.set(worker, sizeOf(worker) + 1);
  }
  const chosen = new Map<number, string>();
  for (const [partition, workers] of able) {
    const [next] = [...workers].sort((a, b) => sizeOf(a) - sizeOf(b) || (a < b ? -1 : 1));
    if (next === undefined) continue;
    sizes.set(next, sizeOf(next) + 1);
    chosen.set(partition, next);
  }
  return chosen;
}
