import { describe, expect, it } from 'vitest';
import { formatUtc } from '../../src/bindings/date-format.ts';

const DATE = new Date('2026-03-07T09:05:03.042Z');
const AFTERNOON = new Date('2026-11-21T15:00:00Z');

describe('a date in a .NET format', () => {
  it.each([
    ['yyyy-MM-dd', '2026-03-07'],
    ['yyyy/MM/dd/HH', '2026/03/07/09'],
    ['yyyyMMddTHHmmssfff', '20260307T090503042'],
    ['yyyy-MM-ddTHH-mm-ssK', '2026-03-07T09-05-03Z'],
    ['yy M d H h m s', '26 3 7 9 9 5 3'],
    ['y yyy yyyyy', '26 2026 02026'],
    ['ddd dddd MMM MMMM', 'Sat Saturday Mar March'],
    ['f ff ffff fffffff', '0 04 0420 0420000'],
    ['s.FFF|F|FFFFFFF', '3.042||042'],
    ['t tt g z zz zzz', 'A AM A.D. +0 +00 +00:00'],
    ['\'day\' d "of" MMMM \\d', 'day 7 of March d'],
    ['%d', '7'],
    ['d', '03/07/2026'],
    ['o', '2026-03-07T09:05:03.0420000Z'],
    ['R', 'Sat, 07 Mar 2026 09:05:03 GMT'],
    ['s', '2026-03-07T09:05:03'],
    ['u', '2026-03-07 09:05:03Z'],
    ['D', 'Saturday, 07 March 2026'],
  ])('%s', (format, expected) => {
    expect(formatUtc(DATE, format)).toBe(expected);
  });

  it.each([
    ['hh tt', '03 PM'],
    ['HH', '15'],
  ])('%s in the afternoon', (format, expected) => {
    expect(formatUtc(AFTERNOON, format)).toBe(expected);
  });

  it('refuses a single letter that means nothing', () => {
    expect(() => formatUtc(DATE, 'x')).toThrow("'x' is not a date format");
  });
});
