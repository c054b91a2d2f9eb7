import { describe, expect, it } from 'vitest';
import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import { commitItem, nextActivity, nextItem } from '../contract/contract-hub.ts';
import { firstCommit, id, start, taskScheduled } from '../contract/sample-messages.ts';
import { azureOptions } from './azure-options.ts';

describe('a backend that is stopped while something runs', () => {
  it('leaves the activity and the orchestration to the next one at once', async () => {
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
