import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { scheduleOnSystem } from '../../src/base/clock.ts';

const HOUR_MS = 3_600_000;

describe('what waits for a time of the clock', () => {
  let ran: number[] = [];

  beforeEach(() => {
    ran = [];
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'Date'] });
  });

  afterEach(() => {
    vi.useRealTimers();
  });

  it('waits for as long as it is told', () => {
    scheduleOnSystem(2 * HOUR_MS, () => ran.push(Date.now()));
    const startMs = Date.now();

    vi.advanceTimersByTime(2 * HOUR_MS - 1);
    expect(ran).toEqual([]);
    vi.advanceTimersByTime(HOUR_MS);

    expect(ran).toEqual([startMs + 2 * HOUR_MS]);
  });

  it('notices within half a minute that the machine has slept, in which its timers stand still', () => {
    scheduleOnSystem(2 * HOUR_MS, () => ran.push(Date.now()));
    vi.advanceTimersByTime(HOUR_MS);

    vi.setSystemTime(Date.now() + 3 * HOUR_MS);
    vi.advanceTimersByTime(30_000);

    expect(ran).toHaveLength(1);
  });

  it('goes by the clock that was set back', () => {
    scheduleOnSystem(HOUR_MS, () => ran.push(Date.now()));
    vi.advanceTimersByTime(HOUR_MS / 2);

    vi.setSystemTime(Date.now() - 600_000);
    vi.advanceTimersByTime(HOUR_MS / 2 + 599_000);
    expect(ran).toEqual([]);
    vi.advanceTimersByTime(1_000);

    expect(ran).toHaveLength(1);
  });

  it('is forgotten when it is cancelled, at whatever time', () => {
    const cancel = scheduleOnSystem(2 * HOUR_MS, () => ran.push(Date.now()));
    vi.advanceTimersByTime(HOUR_MS);

    cancel();
    vi.advanceTimersByTime(2 * HOUR_MS);

    expect(ran).toEqual([]);
    expect(vi.getTimerCount()).toBe(0);
  });
});
