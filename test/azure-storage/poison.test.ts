/** Messages of a hub in Azure Storage that nobody can read, as they come about: who waits is told, and any tool can look at them. */
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { factsOfText } from '../../src/azure-storage/queues/message-facts.ts';
import { encodeStub } from '../../src/azure-storage/queues/message-codec.ts';
import { failureInPlaceOf } from '../../src/core/poison-message.ts';
import { AzureHub } from '../support/azure-hub.ts';
import { eventually } from '../support/eventually.ts';
import { loadSdkApp, type SdkApp } from '../support/sdk-app.ts';

const LARGE = 'x'.repeat(100_000);

describe('messages that cannot be read', () => {
  let app: SdkApp;
  let hub: AzureHub;
  let garbageId: string;

  beforeAll(async () => {
    app = await loadSdkApp('3.5.0', 'orchestrations/poison.cjs');
    const { invoker } = app;
    const settings = { commitWindowMs: 0, poisonMessageThreshold: 2 };
    // Without room for activities their messages lie in the queue.
    hub = new AzureHub({}, { invoker, settings: { ...settings, maxConcurrentActivities: 0 } });
    await hub.start();
    for (const [instanceId, input] of [
      ['spoilt', 'small'],
      ['lost', LARGE],
    ] as const) {
      await hub.client.start({ name: 'CallActivity', input: JSON.stringify(input), instanceId });
      await eventually(async () =>
        (await hub.client.readHistory(instanceId)).some(
          ({ EventType }) => EventType === 'TaskScheduled',
        ),
      );
    }
    await hub.stop();
    const input = JSON.stringify(LARGE);
    await hub.client.start({ name: 'Wait', input, instanceId: 'unstarted' });
    garbageId = await spoil();
    hub = new AzureHub(hub.options, { invoker, settings });
    await hub.start();
  }, 120_000);
  afterAll(async () => {
    await hub.stop();
    await hub.backend.deleteHub();
    await app.dispose();
  });

  /** Gives one activity a time that is none, and loses all messages in blobs. @returns the id of a message that never was one. */
  async function spoil(): Promise<string> {
    const { storage, names } = hub.storage();
    const queue = storage.queue(names.workItemQueue);
    const { receivedMessageItems } = await queue.receiveMessages({ numberOfMessages: 32 });
    for (const { messageId, popReceipt, messageText } of receivedMessageItems) {
      const text = messageText.replace(/"Timestamp":"[^"]*"/, '"Timestamp":"yesterday"');
      await queue.updateMessage(messageId, popReceipt, text, 0);
    }
    const container = storage.container(names.largeMessageContainer);
    for await (const { name } of container.listBlobsFlat()) {
      if (name.includes('/message-')) await container.deleteBlob(name);
    }
    const control = storage.queue(names.controlQueues[0] ?? '');
    return (await control.sendMessage('not a message')).messageId;
  }

  it('fail the activity that they ask for', async () => {
    const { output } = await hub.ended('spoilt');

    expect(output).toContain('caught: ');
    expect(output).toContain('Timestamp');
  });

  it('fail the activity whose payload is gone', async () => {
    const { output } = await hub.ended('lost');

    expect(output).toContain('caught: ');
    expect(output).toContain('is not in container');
  });

  it('fail the instance that they should have started', async () => {
    expect(await hub.ended('unstarted')).toMatchObject({
      runtimeStatus: 'Failed',
      output: expect.stringContaining('is not in container') as string,
    });
  });

  it('lie in a container and a queue that any tool can read, until they are dropped', async () => {
    const { storage, names } = hub.storage();
    const container = storage.container(names.poison);
    const queue = storage.queue(names.poison);
    const blob = container.getBlobClient(`${garbageId}.json`);
    await eventually(() => blob.exists());

    const stored: unknown = JSON.parse((await blob.downloadToBuffer()).toString('utf8'));
    expect(stored).toMatchObject({
      id: garbageId,
      origin: names.controlQueues[0],
      body: 'not a message',
      dequeueCount: 2,
    });
    const notices = async () => {
      const { peekedMessageItems } = await queue.peekMessages({ numberOfMessages: 32 });
      return peekedMessageItems.map(({ messageText }) => JSON.parse(messageText) as unknown);
    };
    expect(await notices()).toContainEqual(stored);

    await hub.client.poison.drop(garbageId);

    expect(await blob.exists()).toBe(false);
    expect(await notices()).not.toContainEqual(stored);
    await eventually(async () => (await hub.messageCount()) === 0);
  });
});

describe('what can be told of a message whose payload is gone', () => {
  const NAME = 'child/message-6c0b3c0e1f3a4a0e9d530f5b9b7f2a11';

  it('is which sub-orchestration its sender waits for', () => {
    const sender = { instanceId: 'parent', executionId: 'e1' };
    const facts = factsOfText(encodeStub(`${NAME}-ExecutionStarted-3.json.gz`, sender));

    const now = '2026-11-29T00:00:00.000Z';
    expect(failureInPlaceOf(facts, { reason: 'It is gone.', now })).toMatchObject({
      target: sender,
      event: {
        EventType: 'SubOrchestrationInstanceFailed',
        TaskScheduledId: 3,
        Reason: 'It is gone.',
      },
    });
  });

  it('is less where the .NET extension sent it: only whose it is', () => {
    const facts = factsOfText(encodeStub(`${NAME}-TaskCompleted.json.gz`));

    expect(facts).toMatchObject({ instanceId: 'child', eventType: 'TaskCompleted' });
    expect(failureInPlaceOf(facts, { reason: '', now: '' })).toBeUndefined();
  });

  it('is nothing of a text that is none', () => {
    expect(factsOfText('not a message')).toMatchObject({ instanceId: null, eventType: null });
  });
});
