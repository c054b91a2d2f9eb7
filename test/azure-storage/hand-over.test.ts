import { describe, expect, it } from 'vitest';
import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import { commitItem, nextActivity, nextItem } from '../contract/contract-hub.ts';
import { eventRaised, firstCommit, id, start, taskScheduled } from '../contract/sample-messages.ts';
import { eventually } from '../support/eventually.ts';
import { LONG } from '../support/patience.ts';
import { azureOptions } from './azure-options.ts';

describe('a backend that is stopped while something runs', () => {
  it('leaves the activity and the orchestration to the next one at once', LONG, async () => {
    const options = azureOptions({ maxQueuePollingIntervalMs: 100 });
    const backend = createAzureStorageBackend(options);
    await backend.createHub();
    await backend.start();
    const [first, second] = [start(id('order-1')), start(id('order-2'))];
    const activity = taskScheduled(first, 0);
    await backend.createInstance(first, undefined);
    const commit = firstCommit(first, { outbox: [activity] });
    await commitItem(backend, await nextItem(backend), commit, { runHere: [activity] });
    await backend.createInstance(second, undefined);
    await nextItem(backend);

    await backend.stop();
    const next = createAzureStorageBackend(options);
    await next.start();
    const [work, item] = await Promise.all([nextActivity(next), nextItem(next)]);
    await next.stop();
    await next.deleteHub();

    expect(work.message).toEqual(activity);
    expect(item).toMatchObject({ instanceId: 'order-2', messages: [{ message: second }] });
  });
});

describe('a backend that takes a partition over', () => {
  it(
    'delivers what one client has sent in its order, what the owner before had fetched and what not',
    LONG,
    async () => {
      const options = azureOptions({ partitionCount: 1, maxQueuePollingIntervalMs: 100 });
      const client = createAzureStorageBackend(options);
      await client.createHub();
      await client.createInstance(start(id('order')), undefined);
      const names = Array.from({ length: 70 }, (_, n) => `event ${n}`);
      for (const name of names) await client.sendMessage(eventRaised(id('order'), name));
      const requests: string[] = [];
      const before = createAzureStorageBackend({
        ...options,
        onRequest: (_, operation) => requests.push(operation),
        controlQueueBatchSize: 10,
        controlQueueBufferThreshold: 10,
      });
      await before.start();
      await eventually(() => requests.includes('get'));
      await before.stop();

      const next = createAzureStorageBackend(options);
      await next.start();
      const received: string[] = [];
      while (received.length < names.length) {
        const item = await nextItem(next);
        for (const { message } of item.messages) {
          if (message.event.EventType === 'EventRaised') received.push(message.event.Name);
        }
        await next.settleOrchestration(item, { consumed: item.messages, deferred: [] });
      }
      await next.stop();
      await client.deleteHub();

      expect(received).toEqual(names);
    },
  );
});
