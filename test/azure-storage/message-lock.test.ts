import { afterEach, describe, expect, it, vi } from 'vitest';
import { pause } from '../../src/base/pause.ts';
import { LockKeeper } from '../../src/azure-storage/queues/lock-keeper.ts';
import { MessageLock } from '../../src/azure-storage/queues/message-lock.ts';
import type { Receipt } from '../../src/azure-storage/queues/message-queue.ts';
import { type LogRecord, silentLogger } from '../../src/telemetry/log.ts';
import { eventually } from '../support/eventually.ts';
import { freshQueue } from './queue-fixture.ts';

describe('MessageLock', () => {
  it('keeps a message from others, and deletes it', async () => {
    const { queue } = await freshQueue();
    const lock = new MessageLock(queue, await queue.put('{}', 30_000), {
      leaseMs: 30_000,
      fromMs: 0,
    });
    expect(await queue.receive(1, 1_000)).toEqual([]);

    await lock.remove();

    expect(lock.isEnded).toBe(true);
    expect(await queue.changeVisibility(await receiptOf(lock, queue), 0)).toBeUndefined();
  });

  it('makes a message everybody’s again', async () => {
    const { queue } = await freshQueue();
    const lock = new MessageLock(queue, await queue.put('{}', 30_000), {
      leaseMs: 30_000,
      fromMs: 0,
    });

    await lock.release(0);

    expect(await queue.receive(1, 1_000)).toMatchObject([{ text: '{}', dequeueCount: 1 }]);
  });

  it('deletes with the newest receipt while a renewal is under way', async () => {
    const { queue } = await freshQueue();
    const receipt = await queue.put('{}', 1_000);
    const lock = new MessageLock(queue, receipt, { leaseMs: 30_000, fromMs: 0 });

    await Promise.all([lock.renew(Date.now()), lock.remove()]);

    expect(await queue.changeVisibility(receipt, 0)).toBeUndefined();
    expect(await queue.receive(1, 1_000)).toEqual([]);
  });

  it('takes a newer receipt over while it is held, and not after it was released', async () => {
    const { queue } = await freshQueue();
    const lock = new MessageLock(queue, await queue.put('{}', 0), { leaseMs: 30_000, fromMs: 0 });
    const [polled] = await queue.receive(1, 30_000);
    if (polled === undefined) throw new Error('The message is visible.');

    const isOurs = lock.takeOver(polled.receipt);
    await lock.release(0);

    expect(isOurs).toBe(true);
    expect(await queue.receive(1, 1_000)).toHaveLength(1);
    expect(lock.takeOver(polled.receipt)).toBe(false);
  });

  it('tolerates that somebody else took and deleted the message', async () => {
    const { queue } = await freshQueue();
    const lock = new MessageLock(queue, await queue.put('{}', 0), { leaseMs: 30_000, fromMs: 0 });
    const [polled] = await queue.receive(1, 30_000);
    if (polled === undefined) throw new Error('The message is visible.');
    await lock.renew(Date.now());
    await queue.remove(polled.receipt);

    await expect(lock.remove()).resolves.toBeUndefined();
    expect(lock.isDueForRenewal(Infinity)).toBe(false);
  });

  it('is renewed in time, and not before somebody needs it', () => {
    const receipt = { messageId: '1', popReceipt: 'p', visibleAtMs: 100_000 };
    const lock = new MessageLock({} as never, receipt, { leaseMs: 30_000, fromMs: 70_000 });

    expect(lock.isDueForRenewal(89_000)).toBe(false);
    expect(lock.isDueForRenewal(90_000)).toBe(true);
  });
});

describe('LockKeeper', () => {
  it('renews a lock as long as it is held', async () => {
    const { queue, requests } = await freshQueue();
    const keeper = new LockKeeper({ taskHub: 'hub', now: Date.now, log: silentLogger });
    const lock = new MessageLock(queue, await queue.put('{}', 2_000), {
      leaseMs: 3_000,
      fromMs: 0,
    });
    keeper.keep(lock);

    await eventually(() => requests.filter((name) => name === 'update').length >= 2);

    expect(await queue.receive(1, 1_000)).toEqual([]);
    await lock.release(0);
    expect(await queue.receive(1, 1_000)).toHaveLength(1);
  });
});

/** A lock gives no receipt away; a poll would. Deleted messages have none that works. */
async function receiptOf(
  lock: MessageLock,
  queue: { receive: (count: number, ms: number) => Promise<readonly unknown[]> },
) {
  expect(await queue.receive(1, 1_000)).toEqual([]);
  return { messageId: lock.messageId, popReceipt: 'AAAAAAAAAAA=', visibleAtMs: 0 };
}

describe('LockKeeper', () => {
  it('says once that locks ran out while the process stood still, and holds what nobody took', async () => {
    const { queue, requests } = await freshQueue();
    let aheadMs = 0;
    const now = () => Date.now() + aheadMs;
    const logged: string[] = [];
    const log = { write: ({ message }: LogRecord) => logged.push(message) };
    const keeper = new LockKeeper({ taskHub: 'Test', now, log });
    const receipt = await queue.put('{}', 30_000);
    const lock = new MessageLock(queue, receipt, { leaseMs: 30_000, fromMs: 0 });
    keeper.keep(lock);

    aheadMs = 90_000;
    await eventually(() => logged.length > 0);
    await eventually(() => requests.includes('update'));
    await lock.remove();

    expect(logged).toEqual([
      'The locks of one message ran out while this process stood still for 90 s. What no other worker took meanwhile goes on here; the rest runs twice.',
    ]);
    expect(await queue.receive(1, 1_000)).toEqual([]);
  });

  it('renews in time what it holds when the clock of the machine is set back', async () => {
    const { queue, requests } = await freshQueue();
    let aheadMs = 0;
    const now = () => Date.now() + aheadMs;
    const keeper = new LockKeeper({ taskHub: 'Test', now, log: silentLogger });
    const receipt = await queue.put('{}', 6_000);
    const lock = new MessageLock(queue, receipt, { leaseMs: 6_000, fromMs: 0 });
    keeper.keep(lock);

    aheadMs = -300_000;
    // In 6 s others see it.
    await eventually(() => requests.includes('update'), { timeoutMs: 5_000 });

    expect(await queue.receive(1, 1_000)).toEqual([]);
    await lock.remove();
  });
});

describe('LockKeeper, where storage takes 10 s for each answer', () => {
  afterEach(() => {
    vi.useRealTimers();
  });

  it('renews a hundred locks that are due together before any of them ends', async () => {
    vi.useFakeTimers({
      toFake: ['setTimeout', 'clearTimeout', 'setInterval', 'clearInterval', 'Date', 'performance'],
    });
    const leaseMs = 300_000;
    const late: number[] = [];
    const endsMs = new Map<string, number>();
    const queue = {
      async changeVisibility({ messageId, popReceipt }: Receipt, ms: number) {
        const visibleAtMs = Date.now() + ms;
        await pause(10_000);
        const lateMs = Date.now() - (endsMs.get(messageId) ?? 0);
        if (lateMs >= 0) late.push(lateMs);
        endsMs.set(messageId, Date.now() + ms);
        return { messageId, popReceipt, visibleAtMs };
      },
    };
    const keeper = new LockKeeper({ taskHub: 'hub', now: Date.now, log: silentLogger });
    for (let n = 0; n < 100; n += 1) {
      const visibleAtMs = Date.now() + leaseMs;
      const receipt = { messageId: String(n), popReceipt: 'p', visibleAtMs };
      endsMs.set(receipt.messageId, visibleAtMs);
      keeper.keep(new MessageLock(queue as never, receipt, { leaseMs, fromMs: 0 }));
    }

    await vi.advanceTimersByTimeAsync(3 * leaseMs);

    expect(late).toEqual([]);
    expect(Math.min(...endsMs.values())).toBeGreaterThan(Date.now());
  });
});
