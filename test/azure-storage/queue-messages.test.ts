/** Messages of a queue, asked for beside its client: what comes back, and what storage refuses, is what the client has for it. */
import { randomUUID } from 'node:crypto';
import type { QueueClient } from '@azure/storage-queue';
import { beforeAll, describe, expect, it } from 'vitest';
import { openStorage } from '../../src/azure-storage/clients/storage-clients.ts';
import type { QueueMessages } from '../../src/azure-storage/requests/queue-messages.ts';
import { codeOf, statusOf, storageCall } from '../../src/azure-storage/storage-error.ts';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';

const storage = openStorage(azuriteConnectionString(), undefined);

function queueOf(name: string): { client: QueueClient; messages: QueueMessages } {
  return { client: storage.queue(name), messages: storage.messages(name) };
}

const { client, messages } = queueOf(freshHubName('messages').toLowerCase());
beforeAll(() => client.createIfNotExists());

describe('messages', () => {
  it('are got as they were put, whatever is in them', async () => {
    const texts = [
      '',
      ' <a href="x">&amp;\'</a> ',
      'ä€\u{1f600}\u2028',
      '{"a":"\\u0000\\r\\n"}',
      '\r\n',
    ];

    for (const text of texts) await messages.put(text, 0);
    const got = await messages.get(32, 30);

    expect(got.map(({ text }) => text).sort()).toEqual(texts.sort());
    for (const { dequeueCount, insertedAtMs } of got) {
      expect(dequeueCount).toBe(1);
      expect(Math.abs(insertedAtMs - Date.now())).toBeLessThan(600_000);
    }
    for (const message of got) await messages.delete(message);
    expect((await client.peekMessages()).peekedMessageItems).toEqual([]);
  });

  it('are the same to the client', async () => {
    const put = await messages.put('<own & "theirs">', 0);

    const { receivedMessageItems } = await client.receiveMessages();

    expect(receivedMessageItems).toMatchObject([
      { messageId: put.messageId, messageText: '<own & "theirs">' },
    ]);
    await client.sendMessage('<theirs>', { visibilityTimeout: 0 });
    expect(await messages.get(1, 30)).toMatchObject([{ text: '<theirs>' }]);
  });

  it('are hidden for longer, with a new receipt', async () => {
    const put = await messages.put('hidden', 60);

    const popReceipt = await messages.update(put, 0);

    expect(popReceipt).not.toBe(put.popReceipt);
    expect((await messages.get(32, 30)).map(({ text }) => text)).toEqual(['hidden']);
  });

  it('are refused in the words that the client has for it', async () => {
    const put = await messages.put('refused', 60);
    const stale = { ...put, popReceipt: Buffer.from(randomUUID()).toString('base64') };
    const gone = { messageId: randomUUID(), popReceipt: put.popReceipt };
    const missing = queueOf(freshHubName('nowhere').toLowerCase());

    const pairs: readonly (readonly [() => Promise<unknown>, () => Promise<unknown>])[] = [
      [() => messages.delete(stale), () => client.deleteMessage(stale.messageId, stale.popReceipt)],
      [
        () => messages.update(stale, 1),
        () => client.updateMessage(stale.messageId, stale.popReceipt, undefined, 1),
      ],
      [() => messages.delete(gone), () => client.deleteMessage(gone.messageId, gone.popReceipt)],
      [() => missing.messages.put('x', 0), () => missing.client.sendMessage('x')],
      [() => missing.messages.get(1, 1), () => missing.client.receiveMessages()],
      [() => messages.get(33, 1), () => client.receiveMessages({ numberOfMessages: 33 })],
      [() => messages.put('x'.repeat(70_000), 0), () => client.sendMessage('x'.repeat(70_000))],
    ];

    for (const [own, theirs] of pairs) expect(await refusal(own)).toEqual(await refusal(theirs));
  });
});

async function refusal(call: () => Promise<unknown>) {
  const error: unknown = await storageCall('ask', call).catch((thrown: unknown) => thrown);
  expect(statusOf(error)).toBeGreaterThanOrEqual(400);
  return [statusOf(error), codeOf(error), (error as Error).message];
}
