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
      else handOver.push(partition);
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
      if (nextOwner === undefined) share.settled.push(partition);
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
  /** Those that are not on their way. */
  readonly settled: number[];
}

function shareOf(shares: Map<string, Share>, worker: string): Share {
  const share = shares.get(worker) ?? { size: 0, settled: [] };
  shares.set(worker, share);
  return share;
}

/**
 * What this worker is to ask for: from the largest share, as long as that is two larger than its own. Every such step makes the
 * shares more equal, so that no two workers can go on for ever taking from each other.
 */
function surplusOfOthers(shares: readonly Share[], mine: number): readonly number[] {
  const asked: number[] = [];
  for (;;) {
    const [largest] = [...shares].sort((a, b) => b.size - a.size);
    if (largest === undefined || largest.size - (mine + asked.length) < 2) return asked;
    const partition = largest.settled.shift();
    if (partition === undefined) return asked;
    largest.size -= 1;
    asked.push(partition);
  }
}
