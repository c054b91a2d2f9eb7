/** What waiting for work leaves behind. */
import { getEventListeners } from 'node:events';
import { describe, expect, it } from 'vitest';
import { createMemoryBackend } from '../../src/memory/memory-backend.ts';
import { eventRaised, id } from '../contract/sample-messages.ts';

/** Listeners of a signal, and the signals that Node derived from it (`AbortSignal.any`), which it never lets go of. */
function attachedTo(signal: AbortSignal): { readonly listeners: number; readonly derived: number } {
  const symbol = Object.getOwnPropertySymbols(signal).find(
    ({ description }) => description === 'kDependantSignals',
  );
  const derived =
    symbol === undefined
      ? undefined
      : (Reflect.get(signal, symbol) as { readonly size: number } | null);
  return {
    listeners: getEventListeners(signal, 'abort').length,
    derived: derived?.size ?? 0,
  };
}

describe('a signal that work was waited for with', () => {
  it('has nothing attached to it afterwards', async () => {
    const backend = createMemoryBackend();
    await backend.start();
    const { signal } = new AbortController();

    for (let n = 0; n < 500; n += 1) {
      const waiting = backend.nextOrchestration(signal);
      await backend.sendMessage(eventRaised(id('order-1'), 'Approved'));
      const item = await waiting;
      if (item === undefined) throw new Error('There is a message.');
      await backend.settleOrchestration(item, { consumed: item.messages, deferred: [] });
    }

    expect(attachedTo(signal)).toEqual({ listeners: 0, derived: 0 });
    await backend.stop();
  });

  it('has one listener, however many wait with it', async () => {
    const backend = createMemoryBackend();
    await backend.start();
    const stop = new AbortController();

    const waiting = Array.from({ length: 100 }, () => backend.nextOrchestration(stop.signal));

    expect(attachedTo(stop.signal)).toEqual({ listeners: 1, derived: 0 });
    stop.abort();
    expect(new Set(await Promise.all(waiting))).toEqual(new Set([undefined]));
    await backend.stop();
  });
});
