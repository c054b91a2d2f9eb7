/** What is due much later than now: it lies in its queue, costs nothing here, and comes in time all the same. */
import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import type { ClientRequest } from 'node:http';
import { afterEach, describe, expect, it } from 'vitest';
import {
  createAzureStorageBackend,
  type AzureStorageBackendOptions,
} from '../../src/azure-storage/azure-storage-backend.ts';
import { openStorage } from '../../src/azure-storage/clients/storage-clients.ts';
import { hubNames } from '../../src/azure-storage/names.ts';
import { encodeMessage } from '../../src/azure-storage/queues/message-codec.ts';
import { earlyReceipts } from '../../src/azure-storage/queues/message-reader.ts';
import { atMost } from '../../src/base/at-most.ts';
import type { TaskMessage } from '../../src/core/task-message.ts';
import type { TaskHubBackend } from '../../src/engine/backend.ts';
import { commitItem, expectNoOrchestration, nextItem } from '../contract/contract-hub.ts';
import { firstCommit, id, nextCommit, start, timerFired } from '../contract/sample-messages.ts';
import { eventually } from '../support/eventually.ts';
import { azureOptions } from './azure-options.ts';

const MINUTE_MS = 60_000;
const DAY_MS = 24 * 60 * MINUTE_MS;
/** Storage counts in whole seconds, we wake in quarters of one, and a busy machine takes its time. */
const LATE_MS = 2_500;

const opened = new Set<TaskHubBackend>();

afterEach(async () => {
  for (const backend of opened) await backend.stop();
  for (const backend of opened) await backend.deleteHub();
  opened.clear();
});

async function open(options: AzureStorageBackendOptions): Promise<TaskHubBackend> {
  const backend = createAzureStorageBackend(options);
  opened.add(backend);
  await backend.createHub();
  await backend.start();
  return backend;
}

function controlQueue({ account, taskHub }: AzureStorageBackendOptions) {
  return openStorage(account, undefined).queue(hubNames(taskHub, 1).controlQueues[0] ?? '');
}

async function sendTimers(backend: TaskHubBackend, count: number, fireAtMs: number): Promise<void> {
  const started = start(id('order-1'));
  const timers = Array.from({ length: count }, (_, n) => timerFired(started, n, fireAtMs + n));
  await atMost(8, timers, (timer) => backend.sendMessage(timer));
}

/** The messages of a queue that are updated at the same time, at most, while `work` runs. */
async function mostUpdatesAtOnce(queue: string, work: () => Promise<void>): Promise<number> {
  let running = 0;
  let most = 0;
  // Other requests of this process have nothing to do with it.
  const isUpdate = (told: unknown): boolean => {
    const { method, path: url } = (told as { readonly request: ClientRequest }).request;
    return method === 'PUT' && url.includes(`/${queue}/messages/`);
  };
  const began = (told: unknown): void => {
    if (!isUpdate(told)) return;
    running += 1;
    most = Math.max(most, running);
  };
  const ended = (told: unknown): void => {
    if (isUpdate(told)) running -= 1;
  };
  subscribe('http.client.request.start', began);
  subscribe('http.client.response.finish', ended);
  await work();
  unsubscribe('http.client.request.start', began);
  unsubscribe('http.client.response.finish', ended);
  return most;
}

describe('a stop', () => {
  it('costs no request for 1,000 timers of ten minutes', { timeout: 120_000 }, async () => {
    const requests: string[] = [];
    const onRequest = (kind: string, operation: string): void => {
      requests.push(`${kind} ${operation}`);
    };
    const options = azureOptions({ partitionCount: 1, onRequest });
    const backend = await open(options);
    await sendTimers(backend, 1_000, Date.now() + 10 * MINUTE_MS);
    requests.length = 0;

    await backend.stop();

    // The partition is handed back.
    expect(requests.filter((name) => name !== 'queue get')).toEqual(['table batch']);
    const { approximateMessagesCount } = await controlQueue(options).getProperties();
    expect(approximateMessagesCount).toBe(1_000);
  });

  it('gives back what is due soon, 16 at a time', { timeout: 60_000 }, async () => {
    const requests: string[] = [];
    const onRequest = (_: string, operation: string): void => void requests.push(operation);
    const options = azureOptions({ partitionCount: 1, onRequest });
    const backend = await open(options);
    await sendTimers(backend, 300, Date.now() + 40_000);
    requests.length = 0;

    const { name } = controlQueue(options);
    const most = await mostUpdatesAtOnce(name, () => backend.stop());

    expect(requests.filter((name) => name === 'update')).toHaveLength(300);
    expect(most).toBeGreaterThan(1);
    expect(most).toBeLessThanOrEqual(16);
  });
});

describe('a timer that is due later than is held', () => {
  it('fires in time, however rarely its queue is polled', { timeout: 60_000 }, async () => {
    const options = azureOptions({
      partitionCount: 1,
      selfLeaseMs: 500,
      holdAheadMs: 500,
      maxQueuePollingIntervalMs: 30_000,
    });
    const backend = await open(options);
    const fireAtMs = Date.now() + 14_000;
    await sendTimers(backend, 1, fireAtMs);
    const item = await nextItemWithin(backend, 30_000);

    const lateMs = Date.now() - fireAtMs;
    expect(item?.messages).toMatchObject([{ dequeueCount: 1 }]);
    expect(lateMs).toBeGreaterThanOrEqual(0);
    expect(lateMs).toBeLessThan(LATE_MS);
  });

  it('fires also when the process that set it is gone', { timeout: 30_000 }, async () => {
    const options = azureOptions({ partitionCount: 1, holdAheadMs: 500 });
    const backend = await open(options);
    const fireAtMs = Date.now() + 3_000;
    await sendTimers(backend, 1, fireAtMs);
    await backend.stop();

    const next = await open(options);
    await nextItem(next);

    expect(Date.now()).toBeGreaterThanOrEqual(fireAtMs);
    expect(Date.now() - fireAtMs).toBeLessThan(LATE_MS);
  });

  it('fires once when a commit set it', { timeout: 30_000 }, async () => {
    const backend = await open(azureOptions({ partitionCount: 1, holdAheadMs: 500 }));
    const started = start(id('order-1'));
    await backend.createInstance(started, undefined);
    const fireAtMs = Date.now() + 2_000;
    const outbox = [timerFired(started, 0, fireAtMs)];
    const begun = firstCommit(started, { outbox });
    const { token } = await commitItem(backend, await nextItem(backend), begun);

    const fired = await nextItem(backend);
    expect(Date.now()).toBeGreaterThanOrEqual(fireAtMs);
    await commitItem(backend, fired, nextCommit(started, 3), { token });

    await expectNoOrchestration(backend);
  });
});

describe('a scheduled start that is far', () => {
  it('is Pending, hidden in its queue, and comes in time', { timeout: 30_000 }, async () => {
    const options = azureOptions({ partitionCount: 1, holdAheadMs: 500 });
    const backend = await open(options);
    const dueMs = Date.now() + 2_500;
    const ScheduledStartTime = new Date(dueMs).toISOString();
    await backend.createInstance(start(id('order-1'), { ScheduledStartTime }), undefined);
    expect(await backend.findInstance(id('order-1'))).toMatchObject({ runtimeStatus: 'Pending' });
    expect((await controlQueue(options).peekMessages()).peekedMessageItems).toEqual([]);

    await nextItem(backend);

    expect(Date.now()).toBeGreaterThanOrEqual(dueMs);
    expect(Date.now() - dueMs).toBeLessThan(LATE_MS);
  });
});

/** Storage hides nothing for longer than a week. */
describe('a message that storage shows before its time', () => {
  it('is hidden again, and not kept here', async () => {
    const requests: string[] = [];
    const onRequest = (_: string, operation: string): void => void requests.push(operation);
    const options = azureOptions({ partitionCount: 1, onRequest });
    const backend = await open(options);
    const far = timerFired(start(id('order-1')), 0, Date.now() + 90 * DAY_MS);
    await controlQueue(options).sendMessage(textOf(far), { messageTimeToLive: -1 });

    await eventually(() => requests.includes('update'));

    await expectNoOrchestration(backend);
    await backend.stop();
    expect(requests.filter((name) => name === 'update')).toHaveLength(1);
    const { approximateMessagesCount } = await controlQueue(options).getProperties();
    expect(approximateMessagesCount).toBe(1);
    expect((await controlQueue(options).peekMessages()).peekedMessageItems).toEqual([]);
  });

  it.each([
    ['due at once', 0, 0],
    ['due in six days', 6 * DAY_MS, 0],
    ['due in eight days', 8 * DAY_MS, 1],
    ['due in 90 days', 90 * DAY_MS, 12],
  ])('%s has not failed', (_, dueInMs, early) => {
    const insertedAtMs = Date.parse('2026-01-31T10:00:00Z');

    expect(earlyReceipts(insertedAtMs + dueInMs, insertedAtMs)).toBe(early);
  });
});

function textOf(message: TaskMessage): string {
  const activityId = '01234567-89ab-cdef-0123-456789abcdef';
  return encodeMessage(message, { activityId, sequenceNumber: 1 });
}

function nextItemWithin(backend: TaskHubBackend, timeoutMs: number) {
  return backend.nextOrchestration(AbortSignal.timeout(timeoutMs));
}
