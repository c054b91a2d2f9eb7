/** What many messages cost while they wait here, and when all of them go back at once. Storage is counted, not asked. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { QueueClient } from '@azure/storage-queue';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { BackgroundWork } from '../../src/azure-storage/background-work.ts';
import { Deliveries } from '../../src/azure-storage/deliveries.ts';
import { LockKeeper } from '../../src/azure-storage/queues/lock-keeper.ts';
import { MessagePost } from '../../src/azure-storage/queues/message-post.ts';
import { MessageQueue } from '../../src/azure-storage/queues/message-queue.ts';
import type { QueueMessages } from '../../src/azure-storage/requests/queue-messages.ts';
import { WakeTimes } from '../../src/azure-storage/queues/wake-times.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { id, start, timerFired } from '../contract/sample-messages.ts';
import { HandClock } from '../support/hand-clock.ts';

const CLIENT = new QueueClient('http://127.0.0.1:1/account/control-00');
const STARTED = start(id('order-1'));

interface CountingQueue {
  readonly messages: QueueMessages;
  readonly counts: { put: number; update: number; running: number; most: number };
}

/** @param update what a change of visibility takes and comes to */
function countingQueue(update: () => Promise<void> = () => Promise.resolve()): CountingQueue {
  const counts = { put: 0, update: 0, running: 0, most: 0 };
  const messages = {
    put: () => {
      counts.put += 1;
      return Promise.resolve({ messageId: `message-${counts.put}`, popReceipt: 'receipt' });
    },
    update: async () => {
      counts.update += 1;
      counts.running += 1;
      counts.most = Math.max(counts.most, counts.running);
      await update().finally(() => {
        counts.running -= 1;
      });
      return 'next';
    },
  };
  return { messages: messages as unknown as QueueMessages, counts };
}

function deliveriesOn({ messages }: CountingQueue, clock = new HandClock()) {
  const now = () => clock.now();
  const queue = new MessageQueue(CLIENT, messages, now);
  const background = new BackgroundWork(silentLogger);
  const keeper = new LockKeeper({ taskHub: 'T', now, log: silentLogger });
  const wakeTimes = new WakeTimes(clock, () => undefined);
  const hidden = (_: unknown, untilMs: number): void => {
    wakeTimes.add(untilMs);
  };
  const post = new MessagePost({
    controlQueues: [queue],
    workItemQueue: queue,
    payloads: {} as never,
    encoding: 'UTF8',
    now,
    newId: () => 'a'.repeat(32),
    hidden,
    selfLeaseMs: 30_000,
  });
  const deliveries = new Deliveries({
    ownership: {
      start: () => Promise.resolve(),
      stop: () => Promise.resolve(),
      release: () => Promise.resolve(),
      owns: () => true,
      epoch: () => 1,
      look: () => undefined,
      leaveTo: () => undefined,
    },
    partitionOf: () => 0,
    workItems: {} as never,
    post,
    keeper,
    background,
    now,
    holdAheadMs: 60_000,
    hidden,
    arrived: () => undefined,
  });
  /** As the backend does it with what it sends. */
  const send = async (timerId: number, fireAtMs: number): Promise<void> => {
    const timer = timerFired(STARTED, timerId, fireAtMs);
    if (deliveries.holds(timer)) deliveries.deliver((await post.putHeld(timer)).held);
    else await post.put(timer);
  };
  return { background, clock, deliveries, send };
}

function heapBytes(): number {
  setFlagsFromString('--expose-gc');
  (runInNewContext('gc') as () => void)();
  return process.memoryUsage().heapUsed;
}

afterEach(() => {
  vi.useRealTimers();
});

describe('100,000 timers of the next days', () => {
  it(
    'take no memory here, and no request when the partition goes',
    { timeout: 60_000 },
    async () => {
      const storage = countingQueue();
      const { background, clock, deliveries, send } = deliveriesOn(storage);
      await send(0, clock.now() + 61_000);
      const beforeBytes = heapBytes();

      for (let n = 1; n < 100_000; n += 1) await send(n, clock.now() + 61_000 + n * 3_141);

      expect(heapBytes() - beforeBytes).toBeLessThan(5_000_000);
      expect([deliveries.dueCount, clock.timerCount]).toEqual([0, 1]);
      void deliveries.releasePartition(0, AbortSignal.abort());
      await background.settled();
      expect(storage.counts).toMatchObject({ put: 100_000, update: 0 });
    },
  );
});

describe('6,000 timers of the next minute', () => {
  it('go back 16 at a time', async () => {
    const storage = countingQueue(() => new Promise((resolve) => setImmediate(resolve)));
    const { background, clock, deliveries, send } = deliveriesOn(storage);
    for (let n = 0; n < 6_000; n += 1) await send(n, clock.now() + 40_000 + n);
    expect(deliveries.dueCount).toBe(6_000);

    void deliveries.releasePartition(0, AbortSignal.abort());
    await background.settled();

    expect(deliveries.dueCount).toBe(0);
    expect(storage.counts).toMatchObject({ update: 6_000, most: 16 });
  });

  it('do not hold up a stop for long when storage does not answer', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] });
    const storage = countingQueue(async () => {
      await new Promise((resolve) => setTimeout(resolve, 20_000));
      throw new Error('no answer');
    });
    const { background, clock, deliveries, send } = deliveriesOn(storage);
    for (let n = 0; n < 6_000; n += 1) await send(n, clock.now() + 40_000 + n);
    let isSettled = false;

    void deliveries.releasePartition(0, AbortSignal.abort());
    void background.settled().then(() => (isSettled = true));
    await vi.advanceTimersByTimeAsync(40_000);

    expect(isSettled).toBe(true);
    expect(storage.counts.update).toBe(2 * 16);
  });
});
