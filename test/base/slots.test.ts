import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { Slots } from '../../src/base/slots.ts';

describe('Slots', () => {
  it('gives a slot that becomes free to who waits longest, and not to who only tries', async () => {
    const slots = new Slots(1);
    slots.tryAcquire();
    const order: string[] = [];
    const waiting = ['first', 'second'].map(async (name) => {
      await slots.acquire();
      order.push(name);
    });

    slots.release();
    expect(slots.tryAcquire()).toBe(false);
    slots.release();
    await Promise.all(waiting);

    expect(order).toEqual(['first', 'second']);
  });

  it('keeps no slot for who gave up', async () => {
    const slots = new Slots(1);
    slots.tryAcquire();
    const stop = new AbortController();
    const waiting = slots.acquire(stop.signal);

    stop.abort();
    slots.release();

    expect(await waiting).toBe(false);
    expect([slots.free, getEventListeners(stop.signal, 'abort').length]).toEqual([1, 0]);
  });

  it('tells of every slot that was taken or became free', async () => {
    const slots = new Slots(1);
    const seen: number[] = [];
    const end = slots.onChange(() => void seen.push(slots.free));

    slots.tryAcquire();
    const waiting = slots.acquire();
    slots.release();
    await waiting;
    slots.release();
    end();
    slots.tryAcquire();

    expect(seen).toEqual([0, 0, 1]);
  });
});
