import { afterEach, describe, expect, it } from 'vitest';
import { createAzureStorageBackend } from '../../src/azure-storage/azure-storage-backend.ts';
import type { TaskHubBackend } from '../../src/engine/backend.ts';
import { nextActivity } from '../contract/contract-hub.ts';
import { id, start, taskScheduled } from '../contract/sample-messages.ts';
import { eventually } from '../support/eventually.ts';
import { azureOptions } from './azure-options.ts';

describe('what waits in queues of Azure Storage', () => {
  let worker: TaskHubBackend | undefined;

  afterEach(async () => {
    await worker?.stop();
    await worker?.deleteHub();
  });

  async function openHub() {
    const requests: string[] = [];
    const options = azureOptions({ partitionCount: 2 });
    worker = createAzureStorageBackend(options);
    await worker.createHub();
    const client = createAzureStorageBackend({
      ...options,
      onRequest: (kind, operation) => requests.push(`${kind} ${operation}`),
    });
    return { worker, client, requests };
  }

  it('costs a request for the table and one for each queue, and one more for a queue that has something', async () => {
    const { client, requests } = await openHub();
    await client.readBacklog();
    expect(requests).toHaveLength(1 + 3);

    await client.createInstance(start(id('order-1')), undefined);
    requests.length = 0;
    await client.readBacklog();
    expect(requests).toHaveLength(1 + 3 + 1);
  });

  it('has an age while nobody takes it, and is hidden in the hands of a worker', async () => {
    const { client, worker: taker } = await openHub();
    const started = start(id('order-1'));
    await client.sendMessage(taskScheduled(started, 0));

    const late = await eventually(async () => {
      const { workItems } = await client.readBacklog();
      return (workItems.oldestWaitingMs ?? 0) >= 1_000 ? workItems : undefined;
    });
    expect(late).toMatchObject({ waiting: 1, hidden: 0 });

    expect((await client.readBacklog()).processes).toBe(0);
    await taker.start();
    await nextActivity(taker);
    expect(await client.readBacklog()).toMatchObject({
      workItems: { waiting: 0, hidden: 1, oldestWaitingMs: undefined },
      processes: 1,
      workerLimit: undefined,
    });
  });

  it('is not late for a timer that was put long before its time', async () => {
    const { client } = await openHub();
    const ScheduledStartTime = new Date(Date.now() + 3_000).toISOString();
    await client.createInstance(start(id('later'), { ScheduledStartTime }), undefined);
    const control = async () => {
      const { controlQueues, nextDueInMs } = await client.readBacklog();
      return { nextDueInMs, queue: controlQueues.find((each) => each.waiting + each.hidden > 0) };
    };
    expect(await control()).toMatchObject({ nextDueInMs: 0, queue: { waiting: 0, hidden: 1 } });

    const due = await eventually(async () => {
      const { queue } = await control();
      return queue?.waiting === 1 ? queue : undefined;
    });
    // What storage says the time is has whole seconds: the message may be there since the last.
    expect(due.oldestWaitingMs).toBeLessThan(3_000);
  });
});
