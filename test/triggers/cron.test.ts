import { describe, expect, it } from 'vitest';
import { nextOccurrences, parseSchedule } from '../../src/triggers/cron.ts';
import { formatLocal } from '../../src/triggers/wall-clock.ts';

function occurrences(expression: string, after: string, count: number, timeZone = 'UTC'): string[] {
  const schedule = parseSchedule(expression, timeZone);
  return nextOccurrences(schedule, Date.parse(after), count).map((instant) =>
    formatLocal(schedule.clock, instant),
  );
}

describe('NCRONTAB expressions', () => {
  it('have six fields with seconds or five without', () => {
    expect(occurrences('30 */5 * * * *', '2026-01-01T00:00:00Z', 2)).toEqual([
      '2026-01-01T00:00:30+00:00',
      '2026-01-01T00:05:30+00:00',
    ]);
    expect(occurrences('*/5 * * * *', '2026-01-01T00:00:00Z', 1)).toEqual([
      '2026-01-01T00:05:00+00:00',
    ]);
  });

  it('demand both the day and the day of the week', () => {
    expect(occurrences('0 0 0 13 * Fri', '2026-01-01T00:00:00Z', 3)).toEqual([
      '2026-02-13T00:00:00+00:00',
      '2026-03-13T00:00:00+00:00',
      '2026-11-13T00:00:00+00:00',
    ]);
  });

  it('come strictly after the given instant, counted in whole seconds', () => {
    const after = '2026-01-01T00:00:00.000Z';

    expect(occurrences('0 0 * * * *', after, 1)).toEqual(['2026-01-01T01:00:00+00:00']);
    expect(occurrences('* * * * * *', '2026-01-01T00:00:00.999Z', 1)).toEqual([
      '2026-01-01T00:00:01+00:00',
    ]);
  });

  it('of a date that never comes have no occurrence', () => {
    expect(occurrences('0 0 0 30 2 *', '2026-01-01T00:00:00Z', 3)).toEqual([]);
  });

  it.each([
    ['0 */15 * * * *', "Cron: '0 0,15,30,45 * * * *'"],
    ['0 0 9-17 * * Mon-Fri', "Cron: '0 0 9-17 * * 1-5'"],
    ['0 0 0 1 January,jul *', "Cron: '0 0 0 1 1,7 *'"],
    ['0 50/5 * * * *', "Cron: '0 50,55 * * * *'"],
    ['0 20-10/5 * * * *', "Cron: '0 10,15,20 * * * *'"],
    ['0 0 0 * * T', "Cron: '0 0 0 * * 2'"],
    ['*/0 0-23 * * *', "Cron: '* * * * *'"],
    ['0 30 9 * Jan-Mar Sun,Sat', "Cron: '0 30 9 * 1-3 0,6'"],
  ])('%s is shown as %s', (expression, text) => {
    expect(parseSchedule(expression).text).toBe(text);
  });

  it.each([
    '* * * *',
    '* * * * * * *',
    '60 * * * * *',
    '0 0 0 * * 7',
    '0 0 0 0 * *',
    '0 0 0 * 13 *',
    '0 0 0 L * *',
    '0 0 0 ? * *',
    '@daily',
    '1,,2 * * * * *',
    'x',
    '',
    '00:00:00',
    '12:60:00',
  ])('%s is refused by the host’s own words', (expression) => {
    expect(() => parseSchedule(expression)).toThrow(
      `The schedule expression '${expression}' was not recognized as a valid cron expression or timespan string.`,
    );
  });

  it.each([
    ['*/10 * * * * *', true],
    ['0,30 * * * * *', true],
    ['0 * * * * *', false],
    ['* 0 * * * *', false],
    ['* * * * *', false],
    ['00:00:30', true],
    ['00:01:00', false],
  ])('%s runs more than once a minute: %s', (expression, isSubMinute) => {
    expect(parseSchedule(expression).isSubMinute).toBe(isSubMinute);
  });
});

describe('time spans', () => {
  it.each([
    ['00:00:30', 30_000, 'Constant: 00:00:30'],
    ['23:00:00', 82_800_000, 'Constant: 23:00:00'],
    ['24:00:00', 24 * 86_400_000, 'Constant: 24.00:00:00'],
    ['1.02:03:04.5', 93_784_500, 'Constant: 1.02:03:04.5000000'],
    ['5', 5 * 86_400_000, 'Constant: 5.00:00:00'],
    ['1:2:3:4', 93_784_000, 'Constant: 1.02:03:04'],
    ['00:05', 300_000, 'Constant: 00:05:00'],
  ])('%s is a constant interval of %d ms', (expression, intervalMs, text) => {
    const schedule = parseSchedule(expression);

    expect(schedule.next(1000)).toBe(1000 + intervalMs);
    expect(schedule.text).toBe(text);
  });
});

describe('daylight saving time', () => {
  const losAngeles = 'America/Los_Angeles';

  it('moves a skipped time forward by the gap', () => {
    expect(occurrences('0 30 2 * * *', '2026-03-07T18:00:00-08:00', 2, losAngeles)).toEqual([
      '2026-03-08T03:30:00-07:00',
      '2026-03-09T02:30:00-07:00',
    ]);
  });

  it('runs a fixed time once in the hour that repeats, in its first pass', () => {
    expect(occurrences('0 30 1 * * *', '2026-10-31T18:00:00-07:00', 2, losAngeles)).toEqual([
      '2026-11-01T01:30:00-07:00',
      '2026-11-02T01:30:00-08:00',
    ]);
    expect(occurrences('0 30 1 * * *', '2026-11-01T01:10:00-08:00', 1, losAngeles)).toEqual([
      '2026-11-02T01:30:00-08:00',
    ]);
  });

  it('runs an interval in both passes', () => {
    expect(occurrences('0 */30 * * * *', '2026-11-01T00:45:00-07:00', 5, losAngeles)).toEqual([
      '2026-11-01T01:00:00-07:00',
      '2026-11-01T01:30:00-07:00',
      '2026-11-01T01:00:00-08:00',
      '2026-11-01T01:30:00-08:00',
      '2026-11-01T02:00:00-08:00',
    ]);
  });

  it('keeps an interval going over the gap', () => {
    expect(occurrences('0 */30 * * * *', '2026-03-08T01:15:00-08:00', 3, losAngeles)).toEqual([
      '2026-03-08T01:30:00-08:00',
      '2026-03-08T03:00:00-07:00',
      '2026-03-08T03:30:00-07:00',
    ]);
  });

  it('knows places with half hours', () => {
    expect(occurrences('0 0 9 * * *', '2026-01-01T00:00:00Z', 1, 'Asia/Kolkata')).toEqual([
      '2026-01-01T09:00:00+05:30',
    ]);
  });

  it('uses the process’s own time zone when none is named', () => {
    const schedule = parseSchedule('0 0 9 * * *');
    const next = schedule.next(Date.parse('2026-06-01T12:00:00Z')) ?? 0;

    expect([new Date(next).getHours(), new Date(next).getMinutes()]).toEqual([9, 0]);
  });
});
