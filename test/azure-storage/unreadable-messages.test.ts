/** What becomes of messages that cannot be read, and when. Whether they keep others from anything: `engine/poison-load.test.ts`. */
import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import {
  UnreadableMessages,
  UnreadableText,
} from '../../src/azure-storage/queues/unreadable-messages.ts';
import { CorruptMessageError } from '../../src/core/errors.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { freshQueue } from './queue-fixture.ts';

const LOCK_MS = 300_000;

describe('messages that cannot be read', () => {
  let isBusy: boolean;
  let messages: UnreadableMessages;
  let taken: string[];
  let stop: AbortController;

  beforeEach(async () => {
    isBusy = true;
    messages = new UnreadableMessages({
      isBusy: () => isBusy,
      now: () => Date.now(),
      log: silentLogger,
    });
    taken = [];
    stop = new AbortController();
    // The queue is made by a server, on the time of the machine.
    const { queue } = await freshQueue();
    vi.useFakeTimers({ toFake: ['setTimeout', 'setInterval', 'clearInterval', 'Date'] });
    for (const text of ['first', 'second']) {
      const receipt = { messageId: text, popReceipt: '', visibleAtMs: Date.now() + LOCK_MS };
      const received = { text, receipt, dequeueCount: 1, insertedAtMs: Date.now() };
      messages.add(new UnreadableText(queue, received, new CorruptMessageError('No JSON.')));
    }
    void take();
  });
  afterEach(() => {
    stop.abort();
    vi.useRealTimers();
  });

  async function take(): Promise<void> {
    for (;;) {
      const message = await messages.next(stop.signal);
      if (message === undefined) return;
      taken.push(message instanceof UnreadableText ? message.received.text : 'another');
    }
  }

  it('wait while there is what can be read, and no longer', async () => {
    await vi.advanceTimersByTimeAsync(5_000);
    expect(taken).toEqual([]);

    isBusy = false;
    await vi.advanceTimersByTimeAsync(200);

    expect(taken).toEqual(['first', 'second']);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('wait for ten seconds at most', async () => {
    await vi.advanceTimersByTimeAsync(9_500);
    expect(taken).toEqual([]);

    await vi.advanceTimersByTimeAsync(700);

    expect(taken).toEqual(['first', 'second']);
  });
});
