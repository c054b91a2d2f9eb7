/** .NET's ticks, and the stamps made of them, by which an entity orders what one sender asks. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { SendStamps } from '../../../src/core/entity/send-stamps.ts';
import {
  formatTicks,
  parseTicks,
  ticksOfMs,
  UNSET_TIME,
} from '../../../src/core/entity/tick-time.ts';
import { at, START_MS } from '../../support/history.ts';

const START = ticksOfMs(START_MS);

describe('a time in ticks', () => {
  it.each([
    ['2026-01-01T00:00:00', START],
    ['2026-01-01T00:00:00Z', START],
    ['2026-01-01T01:00:00+01:00', START],
    ['2026-01-01T00:00:00.1Z', START + 1_000_000n],
    ['2026-01-01T00:00:00.0000001Z', START + 1n],
    ['2026-01-01T00:00:00.1234567', START + 1_234_567n],
  ])('reads %s', (text, ticks) => {
    expect(parseTicks(text)).toBe(ticks);
  });

  it.each([undefined, '', 'soon', UNSET_TIME, '2026-01-01', '2026-99-01T00:00:00Z'])(
    'is not set by %j',
    (text) => {
      expect(parseTicks(text)).toBe(0n);
    },
  );

  it('is written as it is read, and in its order', () => {
    const ticks = fc.bigInt({ min: 10_000_000n, max: 2_500_000_000_000_000_0n });
    fc.assert(
      fc.property(ticks, ticks, (a, b) => {
        expect(parseTicks(formatTicks(a))).toBe(a);
        expect(formatTicks(a) < formatTicks(b)).toBe(a < b);
      }),
    );
    expect(formatTicks(0n)).toBe(UNSET_TIME);
    expect(formatTicks(-1n)).toBe(UNSET_TIME);
  });
});

describe('the stamps of a sender', () => {
  it('grow for each receiver, and name the one before, whatever the clock does', () => {
    const sends = fc.array(fc.tuple(fc.constantFrom('@a@1', '@a@2'), fc.nat(3)), { maxLength: 20 });
    fc.assert(
      fc.property(sends, (list) => {
        const stamps = new SendStamps();
        const last = new Map<string, string>();
        for (const [target, ms] of list) {
          const upcoming = stamps.upcoming(target, START_MS + ms);
          const stamp = stamps.next(target, START_MS + ms);
          expect(stamp).toEqual(upcoming);
          expect(stamp.predecessor).toBe(last.get(target) ?? UNSET_TIME);
          expect(parseTicks(stamp.timestamp)).toBeGreaterThan(parseTicks(stamp.predecessor));
          expect(parseTicks(stamp.timestamp)).toBeGreaterThanOrEqual(ticksOfMs(START_MS + ms));
          last.set(target, stamp.timestamp);
        }
        expect([...stamps.entries()]).toEqual(
          [...last].map(([target, time]) => [target, parseTicks(time)]),
        );
      }),
    );
  });

  it('follow on what was sent before, as history or a stored entity tells', () => {
    const sent = new SendStamps([['@a@1', START]]);
    expect(sent.next('@a@1', START_MS - 5_000)).toEqual({
      timestamp: formatTicks(START + 1n),
      predecessor: formatTicks(START),
    });
    sent.sent('@a@1', at(60));
    expect(sent.upcoming('@a@1', START_MS).predecessor).toBe(formatTicks(START + 600_000_000n));
  });

  it('forget the receivers to which nothing was sent since', () => {
    const stamps = new SendStamps([
      ['@a@old', START - 1n],
      ['@a@new', START],
    ]);
    stamps.forgetBefore(START);
    expect([...stamps.entries()]).toEqual([['@a@new', START]]);
    expect(stamps.next('@a@old', START_MS).predecessor).toBe(UNSET_TIME);
  });
});
