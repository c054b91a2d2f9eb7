/** What only the Azure adapter promises: what lies in storage, and what happens between processes that share it. */
import { afterEach, describe, expect, it } from 'vitest';
import {
  createAzureStorageBackend,
  type AzureStorageBackendOptions,
} from '../../src/azure-storage/azure-storage-backend.ts';
import { openStorage } from '../../src/azure-storage/clients/storage-clients.ts';
import { hubNames } from '../../src/azure-storage/names.ts';
import { decodeMessage } from '../../src/azure-storage/queues/message-codec.ts';
import { partitionOf } from '../../src/core/partition-of.ts';
import type { TaskHubBackend } from '../../src/engine/backend.ts';
import {
  commitItem,
  expectNoActivity,
  expectNoOrchestration,
  nextActivity,
  nextItem,
  nextUnreadable,
} from '../contract/contract-hub.ts';
import {
  eventRaised,
  firstCommit,
  id,
  nextCommit,
  orchestratorStarted,
  start,
  taskCompleted,
  taskScheduled,
} from '../contract/sample-messages.ts';
import { eventually } from '../support/eventually.ts';
import { azureOptions } from './azure-options.ts';

const opened = new Set<TaskHubBackend>();

afterEach(async () => {
  for (const backend of opened) await backend.stop();
  for (const backend of opened) await backend.deleteHub();
  opened.clear();
});

async function open(options: AzureStorageBackendOptions, { isWorker = true } = {}) {
  const backend = createAzureStorageBackend(options);
  opened.add(backend);
  await backend.createHub();
  if (isWorker) await backend.start();
  return backend;
}

/** The storage of a hub, past the backend. */
function storageOf({ account, taskHub, partitionCount }: AzureStorageBackendOptions) {
  const storage = openStorage(account, undefined);
  const names = hubNames(taskHub, partitionCount);
  return {
    names,
    storage,
    controlQueueOf: (instanceId: string) =>
      storage.queue(names.controlQueues[partitionOf(instanceId, partitionCount)] ?? ''),
    workItems: storage.queue(names.workItemQueue),
    payloads: storage.container(names.largeMessageContainer),
  };
}

describe('createHub', () => {
  it('tells tools the name and the partition count of the hub, once', async () => {
    const options = azureOptions({ partitionCount: 3 });
    const backend = await open(options, { isWorker: false });
    const { names, storage } = storageOf(options);
    const blob = storage.container(names.leaseContainer).getBlobClient(names.taskHubInfoBlob);
    const first = (await blob.downloadToBuffer()).toString('utf8');

    await backend.createHub();

    expect((await blob.downloadToBuffer()).toString('utf8')).toBe(first);
    expect(first).toMatch(
      new RegExp(
        `^{"TaskHubName":"${options.taskHub}","CreatedAt":"\\d{4}-\\d\\d-\\d\\dT\\d\\d:\\d\\d:\\d\\d\\.\\d{7}Z","PartitionCount":3}$`,
      ),
    );
  });

  it('makes no container for large payloads before there is one', async () => {
    const options = azureOptions();
    await open(options, { isWorker: false });

    expect(await storageOf(options).payloads.exists()).toBe(false);
  });
});

describe('deleteHub', () => {
  it('deletes all the rest when another app holds its lease', async () => {
    const options = azureOptions();
    const backend = await open(options, { isWorker: false });
    const { names, storage, workItems } = storageOf(options);
    const container = storage.container(names.appLeaseContainer);
    await container.create();
    const lease = container.getBlobLeaseClient();
    await lease.acquireLease(60);

    await backend.deleteHub();

    expect(await workItems.exists()).toBe(false);
    expect(await container.exists()).toBe(true);
    await lease.releaseLease();
  });
});

describe('messages for this process', () => {
  it('are in their queue, invisible, and gone once they are committed', async () => {
    const options = azureOptions();
    const backend = await open(options);
    const queue = storageOf(options).controlQueueOf('order-1');
    const started = start(id('order-1'));
    await backend.createInstance(started, undefined);
    expect((await queue.getProperties()).approximateMessagesCount).toBe(1);
    expect((await queue.peekMessages()).peekedMessageItems).toEqual([]);

    await commitItem(backend, await nextItem(backend), firstCommit(started));

    await eventually(async () => (await queue.getProperties()).approximateMessagesCount === 0);
  });

  it('are everybody’s after the stop', async () => {
    const options = azureOptions();
    const backend = await open(options);
    await backend.createInstance(start(id('order-1')), undefined);

    await backend.stop();

    const queue = storageOf(options).controlQueueOf('order-1');
    expect((await queue.peekMessages()).peekedMessageItems).toHaveLength(1);
  });

  it('become an answer in the queue at the stop, and the work item goes', async () => {
    const options = azureOptions();
    const backend = await open(options);
    const started = start(id('order-1'));
    const activity = taskScheduled(started, 0);
    await backend.createInstance(started, undefined);
    const commit = firstCommit(started, { outbox: [activity] });
    const { activities } = await commitItem(backend, await nextItem(backend), commit, {
      runHere: [activity],
    });
    const [workItem] = activities;
    if (workItem === undefined) throw new Error('The activity runs here.');
    await backend.completeActivity(workItem, taskCompleted(started, 0));

    await backend.stop();

    const { controlQueueOf, workItems } = storageOf(options);
    const { peekedMessageItems } = await controlQueueOf('order-1').peekMessages();
    expect(peekedMessageItems.map(({ messageText }) => decodeMessage(messageText))).toMatchObject([
      { message: { event: { EventType: 'TaskCompleted', TaskScheduledId: 0 } } },
    ]);
    expect((await workItems.getProperties()).approximateMessagesCount).toBe(0);
  });

  it('that a failed commit sent are delivered all the same', async () => {
    const backend = await open(azureOptions());
    const started = start(id('order-1'));
    await backend.createInstance(started, undefined);
    await commitItem(backend, await nextItem(backend), firstCommit(started));
    await backend.sendMessage(eventRaised(id('order-1'), 'Two'));
    const [reserved, offered] = [taskScheduled(started, 0), taskScheduled(started, 1)];
    const outbox = [reserved, offered, eventRaised(id('order-2'), 'Hello')];

    const lost = commitItem(backend, await nextItem(backend), firstCommit(started, { outbox }), {
      runHere: [reserved],
    });

    await expect(lost).rejects.toMatchObject({ code: 'SESSION_LOST' });
    expect((await nextItem(backend)).instanceId).toBe('order-2');
    const taskIds = [await nextActivity(backend), await nextActivity(backend)];
    expect(taskIds.map(({ message }) => message.event.EventId).sort()).toEqual([0, 1]);
  });

  it('that are deleted first hold back the next item until they are gone', async () => {
    const options = azureOptions();
    const backend = await open(options);
    await backend.sendMessage(eventRaised(id('a'), 'one'));
    const item = await nextItem(backend);
    await backend.sendMessage(eventRaised(id('a'), 'two'));

    await backend.settleOrchestration(item, {
      consumed: item.messages,
      deferred: [],
      deletesFirst: true,
    });

    expect((await nextItem(backend)).messages).toHaveLength(1);
    const queue = storageOf(options).controlQueueOf('a');
    expect((await queue.getProperties()).approximateMessagesCount).toBe(1);
  });
});

describe('messages of other processes', () => {
  it('stay locked while they are out, however long', async () => {
    const requests: string[] = [];
    const options = azureOptions({
      controlQueueVisibilityTimeoutMs: 2_000,
      workItemQueueVisibilityTimeoutMs: 2_000,
      onRequest: (_, operation) => requests.push(operation),
    });
    const client = await open(options, { isWorker: false });
    const started = start(id('order-1'));
    await client.createInstance(started, undefined);
    await client.sendMessage(taskScheduled(started, 0));
    const backend = await open(options);

    await nextItem(backend);
    await nextActivity(backend);

    await eventually(() => requests.filter((name) => name === 'update').length >= 6);
    await expectNoOrchestration(backend);
    await expectNoActivity(backend);
  });

  it('are read in base64 too, and written so when asked', async () => {
    const options = azureOptions({ messageEncoding: 'Base64' });
    const client = await open(options, { isWorker: false });
    const started = start(id('order-1'), { Input: '"ä"' });

    await client.createInstance(started, undefined);

    const [message] = (await storageOf(options).controlQueueOf('order-1').peekMessages())
      .peekedMessageItems;
    expect(message?.messageText).toMatch(/^eyIkdHlwZSI6/);
    const backend = await open({ ...options, messageEncoding: 'UTF8' });
    expect((await nextItem(backend)).messages).toMatchObject([{ message: started }]);
  });

  it('that are in the wrong queue cannot be read there', async () => {
    const options = azureOptions();
    const client = await open(options, { isWorker: false });
    await client.sendMessage(eventRaised(id('order-1'), 'Lost'));
    const { controlQueueOf, workItems } = storageOf(options);
    const [message] = (await controlQueueOf('order-1').receiveMessages()).receivedMessageItems;
    await workItems.sendMessage(message?.messageText ?? '');
    const backend = await open(options);

    await expectNoActivity(backend);
    const unreadable = await nextUnreadable(backend);

    expect(unreadable.problem.message).toContain(
      'holds TaskScheduled messages only, but this is EventRaised',
    );
    expect(unreadable.facts).toMatchObject({ instanceId: 'order-1', eventType: 'EventRaised' });
  });
});

describe('large payloads', () => {
  const large = JSON.stringify('a'.repeat(100_000));

  it('of an execution go when it is replaced', async () => {
    const options = azureOptions();
    const backend = await open(options);
    const { payloads } = storageOf(options);
    const started = start(id('order-1'));
    const big = { ...eventRaised(id('order-1'), 'Big', large).event };
    await backend.createInstance(started, undefined);
    const newEvents = [orchestratorStarted(), started.event, big];
    const { token } = await commitItem(
      backend,
      await nextItem(backend),
      firstCommit(started, { newEvents }),
    );
    await backend.sendMessage(eventRaised(id('order-1'), 'Again'));
    expect(await blobNames(payloads)).toHaveLength(1);

    const replacing = firstCommit(start(id('order-1')), { replacesExecution: true });
    await commitItem(backend, await nextItem(backend), replacing, { token });

    await eventually(async () => (await blobNames(payloads)).length === 0);
  });

  it('go with a purge, those of neighbours with longer ids stay', async () => {
    const options = azureOptions();
    const backend = await open(options);
    for (const name of ['order-1', 'order-10', 'order-1/child']) {
      const started = start(id(name), { Input: large });
      await backend.createInstance(started, undefined);
      await commitItem(backend, await nextItem(backend), firstCommit(started));
    }

    await backend.purgeInstance(id('order-1'));

    const names = await blobNames(storageOf(options).payloads);
    const owners = names.map((name) => name.split('/')[0]).sort();
    expect(owners).toEqual(['order-10', 'order-10', 'order-1^0child', 'order-1^0child']);
  });

  it('of more than one transaction are written whole', async () => {
    const backend = await open(azureOptions());
    const started = start(id('order-1'));
    await backend.createInstance(started, undefined);
    const { token } = await commitItem(backend, await nextItem(backend), firstCommit(started));
    await backend.sendMessage(eventRaised(id('order-1'), 'Go'));
    const text = JSON.stringify('b'.repeat(30_000));
    const newEvents = Array.from(
      { length: 90 },
      (_, n) => eventRaised(id('order-1'), `E${n}`, text).event,
    );

    await commitItem(backend, await nextItem(backend), nextCommit(started, 3, { newEvents }), {
      token,
    });

    const history = await backend.readHistory(id('order-1'));
    expect(history.slice(3)).toEqual(newEvents);
  });
});

async function blobNames(container: ReturnType<typeof storageOf>['payloads']): Promise<string[]> {
  const names: string[] = [];
  for await (const { name } of container.listBlobsFlat()) names.push(name);
  return names;
}
