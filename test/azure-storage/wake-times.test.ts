import { describe, expect, it } from 'vitest';
import { WakeTimes } from '../../src/azure-storage/queues/wake-times.ts';
import { HandClock } from '../support/hand-clock.ts';
import { randomFrom } from '../support/unruly-backend.ts';

const HOUR_MS = 3_600_000;
const WEEK_MS = 7 * 24 * HOUR_MS;

function wakeTimes() {
  const clock = new HandClock();
  const wokenMs: number[] = [];
  const times = new WakeTimes(clock, () => void wokenMs.push(clock.now()));
  return { clock, startMs: clock.now(), times, wokenMs };
}

describe('WakeTimes', () => {
  it('wakes at each time, and at most a quarter of a second later', () => {
    const { clock, startMs, times, wokenMs } = wakeTimes();
    const delaysMs = [90_001, 61_000, 3 * HOUR_MS + 777, 6 * 24 * HOUR_MS];
    for (const delayMs of delaysMs) times.add(startMs + delayMs);

    clock.skip(WEEK_MS);

    const lateMs = [...delaysMs]
      .sort((a, b) => a - b)
      .map((delayMs, n) => (wokenMs[n] ?? Infinity) - startMs - delayMs);
    expect(wokenMs).toHaveLength(4);
    for (const ms of lateMs) expect(ms).toBeGreaterThanOrEqual(0);
    for (const ms of lateMs) expect(ms).toBeLessThan(250);
  });

  it('keeps to a bit for each time: one timer and no more memory for 100,000 of them', () => {
    const { clock, startMs, times } = wakeTimes();
    const random = randomFrom(1);
    times.add(startMs + 60_000);
    const beforeBytes = process.memoryUsage().heapUsed;

    for (let n = 0; n < 100_000; n += 1) times.add(startMs + 60_000 + random() * 6 * 24 * HOUR_MS);

    expect(clock.timerCount).toBe(1);
    expect(process.memoryUsage().heapUsed - beforeBytes).toBeLessThan(20_000_000);
  });

  it('wakes once a second at most, and misses nothing', () => {
    const { clock, startMs, times, wokenMs } = wakeTimes();
    for (let ms = 60_000; ms < 70_000; ms += 10) times.add(startMs + ms);

    clock.skip(2 * 60_000);

    expect(wokenMs.length).toBeLessThanOrEqual(11);
    expect(wokenMs.at(-1)).toBeGreaterThanOrEqual(startMs + 69_990);
    for (const [n, ms] of wokenMs.slice(1).entries()) {
      expect(ms - (wokenMs[n] ?? 0)).toBeGreaterThanOrEqual(1_000);
    }
  });

  it('goes on from week to week', () => {
    const { clock, times, wokenMs } = wakeTimes();
    for (let day = 0; day < 30; day += 1) {
      times.add(clock.now() + 23 * HOUR_MS);
      clock.skip(24 * HOUR_MS);
    }

    expect(wokenMs).toHaveLength(30);
  });

  it('takes a time that comes before the one it waits for', () => {
    const { clock, startMs, times, wokenMs } = wakeTimes();
    times.add(startMs + 10 * HOUR_MS);
    times.add(startMs + HOUR_MS);

    clock.skip(HOUR_MS);
    expect(wokenMs).toEqual([startMs + HOUR_MS]);
  });

  it('leaves out what is past, and what is more than a week ahead', () => {
    const { clock, startMs, times, wokenMs } = wakeTimes();
    times.add(startMs - 1);
    times.add(startMs + WEEK_MS);
    expect(clock.timerCount).toBe(0);

    clock.skip(2 * WEEK_MS);
    expect(wokenMs).toEqual([]);
  });

  it('forgets all when told to', () => {
    const { clock, startMs, times, wokenMs } = wakeTimes();
    times.add(startMs + HOUR_MS);

    times.clear();
    clock.skip(2 * HOUR_MS);

    expect([wokenMs, clock.timerCount]).toEqual([[], 0]);
  });
});
