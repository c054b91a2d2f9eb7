/** Workers that each follow the rule alone, in any order, come and go: what they agree on in the end, and on the way. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  chooseNextOwners,
  planPartitions,
  type PartitionClaim,
} from '../../src/core/partition-balance.ts';

type Claim = { -readonly [K in keyof PartitionClaim]: PartitionClaim[K] };

function freeClaims(count: number): Claim[] {
  return Array.from({ length: count }, (_, partition) => ({
    partition,
    owner: undefined,
    nextOwner: undefined,
    isDraining: false,
    isExpired: false,
  }));
}

/**
 * One look of a worker, with everything that follows from it.
 * @param able by partition, who can do what waits there and its owner cannot.
 * @returns how many partitions change hands, or are about to.
 */
function look(
  claims: readonly Claim[],
  me: string,
  able: ReadonlyMap<number, readonly string[]> = new Map(),
): number {
  const ours = [...able].filter(([partition]) => at(claims, partition).owner === me);
  const chosen = chooseNextOwners(claims, new Map(ours));
  const given = claims.map((claim) => ({
    ...claim,
    nextOwner: claim.nextOwner ?? chosen.get(claim.partition),
  }));
  const plan = planPartitions(given, me);
  const owned = { owner: me, nextOwner: undefined, isDraining: false, isExpired: false };
  for (const partition of [...plan.take, ...plan.keep]) Object.assign(at(claims, partition), owned);
  for (const partition of plan.handOver) {
    const { nextOwner } = at(given, partition);
    Object.assign(at(claims, partition), { owner: undefined, nextOwner });
  }
  for (const partition of plan.ask) at(claims, partition).nextOwner = me;
  return plan.take.length + plan.handOver.length + plan.ask.length;
}

function at(claims: readonly Claim[], partition: number): Claim {
  const claim = claims[partition];
  if (claim === undefined) throw new RangeError(`There is no partition ${partition}.`);
  return claim;
}

/** Each worker looks, again and again. @returns after how many rounds nothing changed any more. */
function settle(claims: readonly Claim[], workers: readonly string[]): number {
  for (let round = 0; round < 50; round += 1) {
    const changes = workers.map((worker) => look(claims, worker));
    if (changes.every((count) => count === 0)) return round;
  }
  throw new Error(`No end: ${JSON.stringify(claims)}`);
}

const sharesOf = (claims: readonly Claim[], workers: readonly string[]): number[] =>
  workers.map((worker) => claims.filter(({ owner }) => owner === worker).length);

const partitionCounts = fc.integer({ min: 1, max: 16 });
const workerNames = fc.uniqueArray(fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f'), { minLength: 1 });
/** Any state in which the storage may be found, by workers that live and such that are gone. */
const anyClaims = (count: number, workers: readonly string[]) =>
  fc.tuple(
    ...freeClaims(count).map((claim) =>
      fc
        .record({
          owner: fc.option(fc.constantFrom(...workers, 'gone'), { nil: undefined }),
          nextOwner: fc.option(fc.constantFrom(...workers), { nil: undefined }),
          isDraining: fc.boolean(),
        })
        .map((found): Claim => ({ ...claim, ...found, isExpired: found.owner === 'gone' })),
    ),
  );

describe('workers of one hub', () => {
  it('share the partitions so that no share is two larger than another, and then leave it at that', () => {
    fc.assert(
      fc.property(
        fc
          .tuple(partitionCounts, workerNames)
          .chain(([count, workers]) => fc.tuple(anyClaims(count, workers), fc.constant(workers))),
        ([found, workers]) => {
          const claims = found.map((claim) => ({ ...claim }));
          settle(claims, workers);

          const shares = sharesOf(claims, workers);
          expect(shares.reduce((sum, share) => sum + share, 0)).toBe(claims.length);
          expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
          expect(claims.filter(({ nextOwner }) => nextOwner !== undefined)).toEqual([]);
        },
      ),
    );
  });

  it('leave no partition free that one of them looked at', () => {
    fc.assert(
      fc.property(
        fc
          .tuple(partitionCounts, workerNames)
          .chain(([count, workers]) =>
            fc.tuple(anyClaims(count, workers), fc.constantFrom(...workers)),
          ),
        ([found, me]) => {
          const claims = found.map((claim) => ({ ...claim }));
          look(claims, me);

          const ownerless = claims.filter(
            ({ owner, nextOwner, isExpired }) =>
              isExpired || (owner === undefined && (nextOwner === undefined || nextOwner === me)),
          );
          expect(ownerless).toEqual([]);
        },
      ),
    );
  });

  it('move only what balance needs when one joins, and nothing twice', () => {
    fc.assert(
      fc.property(partitionCounts, fc.integer({ min: 1, max: 6 }), (count, workerCount) => {
        const workers = ['a', 'b', 'c', 'd', 'e', 'f'].slice(0, workerCount);
        const claims = freeClaims(count);
        settle(claims, workers);
        const before = claims.map(({ owner }) => owner);

        settle(claims, ['new', ...workers]);

        const moved = claims.filter(({ owner }, partition) => owner !== before[partition]);
        expect(moved.every(({ owner }) => owner === 'new')).toBe(true);
        const fairShare = count / (workerCount + 1);
        expect(moved.length).toBeGreaterThanOrEqual(Math.floor(fairShare));
        expect(moved.length).toBeLessThanOrEqual(Math.ceil(fairShare));
      }),
    );
  });
});

/** Work that waits in a partition, for workers of one app. */
interface Waiting {
  readonly partition: number;
  readonly app: string;
}

const APPS = ['shop', 'billing'] as const;
const appOf = (worker: string): string => (worker < 'd' ? APPS[0] : APPS[1]);
const bothApps = fc
  .tuple(
    fc.uniqueArray(fc.constantFrom('a', 'b', 'c'), { minLength: 1 }),
    fc.uniqueArray(fc.constantFrom('d', 'e', 'f'), { minLength: 1 }),
  )
  .map((workers) => workers.flat());

const sceneOfBoth = fc.tuple(partitionCounts, bothApps).chain(([count, workers]) =>
  fc.record({
    found: anyClaims(count, workers),
    workers: fc.shuffledSubarray(workers, { minLength: workers.length }),
    waiting: fc.array(fc.record({ partition: fc.nat(count - 1), app: fc.constantFrom(...APPS) })),
  }),
);

/** Each worker looks once, gives what others can do to them, and has done by then what it can itself. */
function round(claims: readonly Claim[], workers: readonly string[], waiting: Waiting[]): number {
  let changes = 0;
  for (const me of workers) {
    const isMine = ({ partition, app }: Waiting): boolean =>
      at(claims, partition).owner === me && app === appOf(me);
    waiting.splice(0, waiting.length, ...waiting.filter((work) => !isMine(work)));
    const able = waiting.map(({ partition, app }) => {
      return [partition, workers.filter((worker) => appOf(worker) === app)] as const;
    });
    changes += look(claims, me, new Map(able));
  }
  return changes;
}

describe('workers of two apps on one hub', () => {
  /**
   * Until all that waits was with a worker of its app. Balancing may take a partition on before its work was seen, at most once for each
   * of the few that have less than others; each way is a round to be given away, and one to be taken.
   */
  const ROUNDS = 8;

  it('get to all work that waits within a few rounds, and then share the partitions as ever', () => {
    fc.assert(
      fc.property(sceneOfBoth, ({ found, workers, waiting }) => {
        const claims = found.map((claim) => ({ ...claim }));
        const left = [...waiting];

        for (let n = 0; n < ROUNDS; n += 1) round(claims, workers, left);
        expect(left).toEqual([]);
        settle(claims, workers);

        const shares = sharesOf(claims, workers);
        expect(shares.reduce((sum, share) => sum + share, 0)).toBe(claims.length);
        expect(Math.max(...shares) - Math.min(...shares)).toBeLessThanOrEqual(1);
        expect(claims.filter(({ nextOwner }) => nextOwner !== undefined)).toEqual([]);
      }),
    );
  });

  it('give a partition to one that can do what waits there, and of those to the one that has the fewest', () => {
    fc.assert(
      fc.property(sceneOfBoth, ({ found, workers, waiting }) => {
        const able = new Map(
          waiting.map(({ partition, app }) => {
            return [partition, workers.filter((worker) => appOf(worker) === app)] as const;
          }),
        );

        const chosen = chooseNextOwners(found, able);

        expect([...chosen.keys()].sort()).toEqual([...able.keys()].sort());
        const sizeOf = (worker: string): number =>
          found.filter(({ owner, nextOwner }) => (nextOwner ?? owner) === worker).length +
          [...chosen.values()].filter((next) => next === worker).length;
        for (const [partition, next] of chosen) {
          const workersOfApp = able.get(partition) ?? [];
          expect(workersOfApp).toContain(next);
          // Without it, it would have no more than any other of them.
          for (const other of workersOfApp) {
            expect(sizeOf(next) - 1).toBeLessThanOrEqual(sizeOf(other));
          }
        }
      }),
    );
  });
});

describe('a worker', () => {
  const claim = (changes: Partial<Claim>): Claim => ({ ...at(freeClaims(1), 0), ...changes });

  it('that is alone takes everything at once', () => {
    expect(planPartitions(freeClaims(4), 'me')).toMatchObject({ take: [0, 1, 2, 3], others: [] });
  });

  it('asks one that stops for what nobody else asked for', () => {
    const claims = [claim({ owner: 'other', isDraining: true })];
    expect(planPartitions(claims, 'me').ask).toEqual([0]);
  });

  it('leaves alone what was handed over to another, as long as that one may come for it', () => {
    const claims = [claim({ nextOwner: 'other' })];
    expect(planPartitions(claims, 'me')).toMatchObject({ take: [], ask: [], others: ['other'] });
  });

  it('hands over what it is asked for', () => {
    const claims = [claim({ owner: 'me', nextOwner: 'other' })];
    expect(planPartitions(claims, 'me')).toMatchObject({ keep: [], handOver: [0] });
  });
});
