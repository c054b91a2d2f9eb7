/** Requests without stamps come again when their messages do: those of the last work item must be known, in the next process too. */
import { describe, expect, it } from 'vitest';
import { formatTicks, ticksOfMs } from '../../../src/core/entity/tick-time.ts';
import { UnstampedRequests } from '../../../src/core/entity/unstamped-requests.ts';
import { START_MS } from '../../support/history.ts';

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

  it('is known by this process among the last 32, and among all of one work item', () => {
    const requests = fresh();
    deliver(requests, ids(0, 100));
    expect(deliver(requests, ids(0, 100)).some(Boolean)).toBe(false);
    // 32 newer ones push the old ones out.
    deliver(requests, ids(200, 32));
    expect(deliver(requests, ids(0, 1))).toEqual([true]);
    expect(deliver(requests, ids(201, 31)).some(Boolean)).toBe(false);
    expect(deliver(requests, ids(200, 1))).toEqual([true]);
  });

  it('is known to the process that reads what it wrote itself', () => {
    const requests = fresh();
    deliver(requests, ids(0, 3));
    const again = restored(requests, 'first');
    expect(deliver(again, ids(0, 4))).toEqual([false, false, false, true]);
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

  it('is known of the last eight processes that left a list', () => {
    let requests = fresh();
    for (let process = 0; process < 12; process++) {
      deliver(requests, [`of-${process}`]);
      requests = restored(requests, `process-${process}`);
    }
    requests.endDelivery(START_MS);
    const known = Array.from({ length: 12 }, (_, process) => !requests.receive(`of-${process}`));
    expect(known).toEqual(Array.from({ length: 12 }, (_, process) => process >= 4));
  });
});

describe('what is stored of them', () => {
  it('is nothing when there is nothing', () => {
    expect(fresh().toJson()).toEqual({});
  });

  it('says of which process each list is, and since when another one knows it', () => {
    const requests = fresh();
    deliver(requests, ids(0, 2));
    expect(requests.toJson()).toEqual({ Ids: 'id0 id1', Writer: 'first' });
    const next = restored(requests, 'second');
    deliver(next, ids(5, 1));
    expect(next.toJson()).toEqual({
      Ids: 'id5',
      Writer: 'second',
      Inherited: [{ Found: formatTicks(ticksOfMs(START_MS)), Ids: 'id0 id1' }],
    });
  });

  it.each([{}, 5, null, { Ids: 5 }, { Ids: '', Inherited: 7 }, { Inherited: [null, { Ids: 7 }] }])(
    'may be broken: %o',
    (stored) => {
      const requests = new UnstampedRequests(stored, WINDOW, 'first');
      expect(deliver(requests, ['a'])).toEqual([true]);
    },
  );
});
