/** Workers that each follow the rule alone, in any order, come and go: what they agree on in the end, and on the way. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { planPartitions, type PartitionClaim } from '../../src/core/partition-balance.ts';

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

/** One look of a worker, with everything that follows from it. @returns how many partitions change hands, or are about to. */
function look(claims: readonly Claim[], me: string): number {
  const plan = planPartitions(claims, me);
  const owned = { owner: me, nextOwner: undefined, isDraining: false, isExpired: false };
  for (const partition of [...plan.take, ...plan.keep]) Object.assign(at(claims, partition), owned);
  for (const partition of plan.handOver) at(claims, partition).owner = undefined;
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
