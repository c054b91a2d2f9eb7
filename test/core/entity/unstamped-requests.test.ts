/** Requests without stamps come again when their messages do: those of the last work item must be known, in the next process too. */
import { describe, expect, it } from 'vitest';
import { formatTicks, ticksOfMs } from '../../../src/core/entity/tick-time.ts';
import { UnstampedRequests } from '../../../src/core/entity/unstamped-requests.ts';
import { at, START_MS } from '../../support/history.ts';

const MINUTE_MS = 60_000;
const WINDOW = ticksOfMs(30 * MINUTE_MS);
const ids = (from: number, count: number): string[] =>
  Array.from({ length: count }, (_, index) => `id-${from + index}`);

function restored(requests: UnstampedRequests, writer: string): UnstampedRequests {
  return new UnstampedRequests(
    JSON.parse(JSON.stringify(requests.toJson())) as Record<string, unknown>,
    WINDOW,
    writer,
  );
}
const fresh = (): UnstampedRequests => new UnstampedRequests({}, WINDOW, 'first');

/** One work item. */
function deliver(
  requests: UnstampedRequests,
  list: readonly string[],
  nowMs = START_MS,
): boolean[] {
  const isNews = list.map((id) => requests.receive(id));
  requests.endDelivery(nowMs);
  return isNews;
}

describe('a request without a stamp', () => {
  it('is news once, with and without the dashes of its id', () => {
    const requests = fresh();
    expect(deliver(requests, ['a-b', 'ab', 'a-b', 'c'])).toEqual([true, false, false, true]);
    expect(deliver(requests, ['a-b', 'c', 'd'])).toEqual([false, false, true]);
  });

  it.each(['', 'a b', 'ä'])('with the id %j cannot be known, and is always news', (id) => {
    expect(deliver(fresh(), [id, id])).toEqual([true, true]);
  });

  it('is known however many come after it within the window, and no longer', () => {
    const requests = fresh();
    deliver(requests, ids(0, 1));
    for (let n = 1; n <= 50; n++) deliver(requests, ids(n * 100, 100), START_MS + n * 30_000);

    expect(deliver(requests, ids(0, 1), START_MS + 29 * MINUTE_MS)).toEqual([false]);
    deliver(requests, [], START_MS + 31 * MINUTE_MS);
    expect(deliver(requests, ids(0, 1), START_MS + 31 * MINUTE_MS)).toEqual([true]);
    expect(deliver(requests, ids(5_000, 100), START_MS + 31 * MINUTE_MS)).not.toContain(true);
  });

  it('is known in memory among the last 8192, and among all of one work item', () => {
    const requests = fresh();
    deliver(requests, ids(0, 10_000));
    expect(deliver(requests, ids(0, 10_000))).not.toContain(true);
    deliver(requests, ids(10_000, 1));
    expect(deliver(requests, ids(1_809, 1))).toEqual([false]);
    expect(deliver(requests, ids(1_808, 1))).toEqual([true]);
  });

  it('is known to the process that reads what it wrote itself, as long as before', () => {
    const requests = fresh();
    deliver(requests, ids(0, 3));
    const again = restored(requests, 'first');
    expect(deliver(again, ids(0, 4), START_MS + 29 * MINUTE_MS)).toEqual([
      false,
      false,
      false,
      true,
    ]);
    again.endDelivery(START_MS + 31 * MINUTE_MS);
    expect(deliver(again, ids(0, 4), START_MS + 31 * MINUTE_MS)).toEqual([true, true, true, false]);
  });

  it('is known to another process for the window from when that finds it, not from when it came', () => {
    const requests = fresh();
    deliver(requests, ids(0, 3));
    const next = restored(requests, 'second');
    const foundMs = START_MS + 999 * MINUTE_MS;
    expect(deliver(next, ids(0, 1), foundMs)).toEqual([false]);
    expect(deliver(restored(next, 'second'), ids(0, 1), foundMs + 29 * MINUTE_MS)).toEqual([false]);
    // The window is over at the end of a delivery after it.
    deliver(next, ['other'], foundMs + 31 * MINUTE_MS);
    expect(deliver(next, ids(0, 1), foundMs + 31 * MINUTE_MS)).toEqual([true]);
  });
});

describe('what is stored of them', () => {
  it('is nothing when there is nothing', () => {
    expect(fresh().toJson()).toEqual({});
  });

  it('says of which process it is, and when they came', () => {
    const requests = fresh();
    deliver(requests, ids(0, 2));
    deliver(requests, ids(5, 1), START_MS + MINUTE_MS);

    expect(requests.toJson()).toEqual({
      Writer: 'first',
      Received: [
        { At: formatTicks(ticksOfMs(START_MS)), Ids: 'c935dfc19a20c20e 7612b2daed43eef5' },
        { At: formatTicks(ticksOfMs(START_MS + MINUTE_MS)), Ids: 'e9aca9ee79a864e1' },
      ],
    });
  });

  it('keeps apart what another process had stored, whatever comes then', () => {
    const requests = fresh();
    deliver(requests, ids(0, 2));
    let next = restored(requests, 'second');
    for (let n = 1; n <= 10; n++) {
      deliver(next, ids(n * 100, 100), START_MS);
      next = restored(next, 'second');
    }

    expect(next.toJson()).toMatchObject({
      Writer: 'second',
      Found: [{ Ids: 'c935dfc19a20c20e 7612b2daed43eef5' }],
    });
    expect(deliver(next, ids(0, 2))).toEqual([false, false]);
  });

  it('is small: the newest 512, but all of the latest work item', () => {
    const requests = fresh();
    deliver(requests, ids(0, 5_000));
    expect(deliver(restored(requests, 'first'), ids(0, 5_000))).not.toContain(true);
    deliver(requests, ids(5_000, 1));

    expect(JSON.stringify(requests.toJson()).length).toBeLessThan(9_000);
    const again = restored(requests, 'second');
    expect(deliver(again, ids(4_489, 512))).not.toContain(true);
    expect(deliver(again, ids(4_488, 1))).toEqual([true]);
  });

  it('is understood as earlier versions stored it: whole ids, and those of other processes apart', () => {
    const stored = { Ids: 'ab id1', Writer: 'first', Inherited: [{ Found: at(0), Ids: 'id0' }] };
    const requests = new UnstampedRequests(stored, WINDOW, 'first');

    expect(deliver(requests, ['a-b', 'id1', 'id0', 'id2'])).toEqual([false, false, false, true]);
  });

  it.each([
    {},
    5,
    null,
    { Ids: 5 },
    { Ids: '', Inherited: 7 },
    { Inherited: [null, { Ids: 7 }] },
    { Received: [null, { Ids: 7 }] },
  ])('may be broken: %o', (stored) => {
    const requests = new UnstampedRequests(stored, WINDOW, 'first');
    expect(deliver(requests, ['a'])).toEqual([true]);
  });
});
