import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { Throttle } from '../../src/azure-storage/clients/throttle.ts';

const answer = (status: number, retryAfter?: string) => ({
  status,
  headers: { get: () => retryAfter },
});

/** How long a request has to wait, in ms. */
async function waitOf(throttle: Throttle, signal?: AbortSignal): Promise<number> {
  const beganMs = Date.now();
  const open = throttle.open(signal);
  await vi.runAllTimersAsync();
  await open;
  return Date.now() - beganMs;
}

beforeEach(() => {
  vi.useFakeTimers({ now: Date.parse('2026-11-30T12:00:00Z') });
});
afterEach(() => {
  vi.useRealTimers();
});

describe('a service that is busy', () => {
  it.each([
    [503, '2'],
    [429, '2'],
    [503, 'Mon, 30 Nov 2026 12:00:02 GMT'],
  ])('is left alone as long as it says: %i, %s', async (status, retryAfter) => {
    const throttle = new Throttle(() => 0);
    throttle.told(answer(status, retryAfter));

    expect(throttle.isClosed).toBe(true);
    expect(await waitOf(throttle)).toBe(2_000);
    expect(throttle.isClosed).toBe(false);
  });

  it('is not asked again by all at once', async () => {
    const throttle = new Throttle(() => 0.5);
    throttle.told(answer(503, '2'));

    expect(await waitOf(throttle)).toBe(2_250);
  });

  it('does not stop everything for long', async () => {
    const throttle = new Throttle(() => 0);
    throttle.told(answer(503, '86400'));

    expect(await waitOf(throttle)).toBe(30_000);
  });

  it('holds up nobody who gives up', async () => {
    const throttle = new Throttle(() => 0);
    throttle.told(answer(503, '10'));

    expect(await waitOf(throttle, AbortSignal.abort())).toBe(0);
  });

  it.each([
    [200, '2'],
    [503, undefined],
    [503, 'soon'],
    [503, '0'],
  ])('says how long, or nothing is waited for: %i, %s', (status, retryAfter) => {
    const throttle = new Throttle();
    throttle.told(answer(status, retryAfter));

    expect(throttle.isClosed).toBe(false);
  });
});
