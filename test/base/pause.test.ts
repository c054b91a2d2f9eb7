import { getEventListeners } from 'node:events';
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { pause } from '../../src/base/pause.ts';

const DAY_MS = 24 * 3_600_000;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

describe('pause', () => {
  it('waits also for longer than a timer of Node can', async () => {
    let isOver = false;
    void pause(60 * DAY_MS).then(() => {
      isOver = true;
    });

    await vi.advanceTimersByTimeAsync(60 * DAY_MS - 1);
    expect(isOver).toBe(false);

    await vi.advanceTimersByTimeAsync(1);
    expect(isOver).toBe(true);
  });

  it('ends with its signal, however long it was to be, and leaves nothing behind', async () => {
    const stop = new AbortController();
    const paused = pause(60 * DAY_MS, stop.signal);

    stop.abort();
    await paused;

    expect(vi.getTimerCount()).toBe(0);
    expect(getEventListeners(stop.signal, 'abort')).toEqual([]);
  });
});
