import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { formatTimeSpan, isLoneNumber, parseTimeSpan } from '../../src/base/timespan.ts';

/** What TimeSpan.TryParse of .NET 10 makes of each text, in TotalMilliseconds. */
const PARSED: readonly (readonly [string, number | undefined])[] = [
  ['00:00:01', 1000],
  ['00:05:00', 300_000],
  ['23:59', 86_340_000],
  ['01:1', 3_660_000],
  ['0:0:1', 1000],
  ['5', 432_000_000],
  ['007', 604_800_000],
  ['0', 0],
  ['-0', 0],
  ['-1', -86_400_000],
  ['-00:00:05', -5000],
  ['-1.00:00:01', -86_401_000],
  ['1.02:03:04', 93_784_000],
  ['1.00:00', 86_400_000],
  ['1.5:00', 104_400_000],
  ['1:2:3:4', 93_784_000],
  ['1:2:3:4.5', 93_784_500],
  ['1.2:3:4.5', 93_784_500],
  ['1:2:3.4567', 3_723_456.7],
  ['24:00:00', 2_073_600_000],
  ['24:05:06', 2_091_960_000],
  ['100:00:00', 8_640_000_000],
  ['25:23:59', 2_246_340_000],
  ['-24:00:00', -2_073_600_000],
  ['00:00:00.1', 100],
  ['00:00:00.12', 120],
  ['00:00:00.1234567', 123.4567],
  ['10675199', 922_337_193_600_000],
  ['10675199.02:48:05', 922_337_203_685_000],
  ['10675199.02:48:05.4775807', 922_337_203_685_477.5807],
  ['\t1\n', 86_400_000],
  [' 00:00:01 ', 1000],
  ['0000000000000000000001', 86_400_000],
  ['1.000000000001:00', 90_000_000],
  ['24:02:03.5', undefined],
  ['25:24:00', undefined],
  ['25:23:60', undefined],
  ['30:00', undefined],
  ['00:60:00', undefined],
  ['00:00:60', undefined],
  ['1.24:00:00', undefined],
  ['1:24:00:00', undefined],
  ['10675200', undefined],
  ['00:00:00.12345678', undefined],
  ['00:00:01.', undefined],
  ['00:00:01,5', undefined],
  ['0.5', undefined],
  ['1e2', undefined],
  ['+5', undefined],
  ['--1', undefined],
  ['1:2:3:4:5', undefined],
  ['1.2:3:4:5', undefined],
  ['5: 6', undefined],
  ['5:', undefined],
  [':30', undefined],
  ['::', undefined],
  ['-', undefined],
  ['', undefined],
  ['5 minutes', undefined],
  ['٣', undefined],
];

describe('TimeSpan text', () => {
  it.each(PARSED)('%j is %s ms, as in .NET', (text, ms) => {
    expect(parseTimeSpan(text)).toBe(ms);
  });

  it.each([
    [0, '00:00:00'],
    [1, '00:00:00.0010000'],
    [100, '00:00:00.1000000'],
    [1000, '00:00:01'],
    [3_600_000, '01:00:00'],
    [86_400_000, '1.00:00:00'],
    [93_784_500, '1.02:03:04.5000000'],
    [-5000, '-00:00:05'],
    [-86_400_000, '-1.00:00:00'],
    [0.1, '00:00:00.0001000'],
    [1234.5678, '00:00:01.2345678'],
    [2_073_600_000, '24.00:00:00'],
  ])('%s ms is written %s, as in .NET', (ms, text) => {
    expect(formatTimeSpan(ms)).toBe(text);
  });

  it('reads what it writes', () => {
    fc.assert(
      fc.property(fc.integer({ min: -(10 ** 12), max: 10 ** 12 }), (ms) => {
        expect(parseTimeSpan(formatTimeSpan(ms))).toBe(ms === 0 ? 0 : ms);
      }),
    );
  });

  it('knows a lone number, which means days', () => {
    expect(isLoneNumber(' 10 ')).toBe(true);
    expect(isLoneNumber('00:00:10')).toBe(false);
  });
});
