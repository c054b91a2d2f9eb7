/** The reader of one control queue: what it asks storage for, and when it does not. */
import { afterEach, expect, it } from 'vitest';
import { ControlQueue } from '../../src/azure-storage/queues/control-queue.ts';
import type { MessageReader } from '../../src/azure-storage/queues/message-reader.ts';
import { silentLogger } from '../../src/telemetry/log.ts';
import { eventually } from '../support/eventually.ts';
import { freshQueue } from './queue-fixture.ts';

let reading: ControlQueue | undefined;
afterEach(() => reading?.stop());

it('is not read any more from the moment that the partition is not owned, although nobody has stopped the reader yet', async () => {
  const { queue, requests } = await freshQueue();
  let isOwned = true;
  let asked = 0;
  reading = new ControlQueue(queue, {
    taskHub: 'Hub',
    reader: { read: () => Promise.resolve([]) } as unknown as MessageReader,
    log: silentLogger,
    isOwned: () => {
      asked += 1;
      return isOwned;
    },
    batchSize: 32,
    bufferThreshold: 256,
    visibilityTimeoutMs: 60_000,
    maxPollingIntervalMs: 10,
    selfLeaseMs: 30_000,
    deliver: () => undefined,
    waitingCount: () => 0,
    now: Date.now,
  });
  reading.start();
  await eventually(() => requests.includes('get'));

  isOwned = false;
  const before = asked;
  await eventually(() => {
    reading?.wake();
    return asked >= before + 3;
  });
  // One may have been under way.
  const gets = requests.filter((name) => name === 'get').length;
  const since = asked;
  await eventually(() => {
    reading?.wake();
    return asked >= since + 3;
  });

  expect(requests.filter((name) => name === 'get')).toHaveLength(gets);
});
