/** Occurrences against a plain search through every minute of the days around both clock changes. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { parseSchedule } from '../../src/triggers/cron.ts';
import { parseNcrontab } from '../../src/triggers/ncrontab.ts';

const MINUTE_MS = 60_000;
const field = (least: number, most: number) =>
  fc.oneof(
    fc.constant('*'),
    fc.integer({ min: least, max: most }).map(String),
    fc.integer({ min: 2, max: 20 }).map((step) => `*/${step}`),
    fc
      .tuple(fc.integer({ min: least, max: most }), fc.integer({ min: least, max: most }))
      .map(([from, to]) => `${from}-${to}`),
  );
const expression = fc
  .tuple(field(0, 59), field(0, 5), field(0, 6))
  .map(([minute, hour, weekday]) => `0 ${minute} ${hour} * * ${weekday}`);
const zoneAndDay = fc.constantFrom(
  ['America/Los_Angeles', '2026-10-31T12:00:00Z'],
  ['Europe/Berlin', '2026-10-24T12:00:00Z'],
  ['Australia/Lord_Howe', '2026-04-04T00:00:00Z'],
  ['America/Los_Angeles', '2026-06-01T00:00:00Z'],
);

function fitsAt(text: string, wallMs: number): boolean {
  const wall = new Date(wallMs);
  const parts = [wall.getUTCMinutes(), wall.getUTCHours(), wall.getUTCDay()];
  const [, minute, hour, , , weekday] = parseNcrontab(text)?.fields ?? [];
  return [minute, hour, weekday].every((ranges, i) =>
    (ranges ?? '').split(',').some((range) => {
      const [from = NaN, to = from] = range.split('-').map(Number);
      const value = parts[i] ?? NaN;
      return range === '*' || (value >= from && value <= to);
    }),
  );
}

describe('the next occurrence of an interval', () => {
  it('is the first minute whose local time fits, in both passes of an hour that repeats', () => {
    fc.assert(
      fc.property(expression, zoneAndDay, fc.nat({ max: 1800 }), (text, [zone, day], minutes) => {
        const schedule = parseSchedule(text, zone);
        fc.pre(/[*-]/.test((parseNcrontab(text)?.fields ?? []).slice(0, 3).join('')));
        const after = Date.parse(day) + minutes * MINUTE_MS;

        let expected = after + MINUTE_MS;
        while (!fitsAt(text, expected + schedule.clock.offsetAt(expected))) expected += MINUTE_MS;

        expect(schedule.next(after)).toBe(expected);
      }),
      { numRuns: 150 },
    );
  });
});
