import { QueueServiceClient } from '@azure/storage-queue';
import { describe, expect, it } from 'vitest';

import { hubNames } from '../../src/azure-storage/names.ts';
import type { DecodedMessage } from '../../src/azure-storage/queues/message-codec.ts';
import {
  decodeMessage,
  encodeMessage,
  toQueueText,
} from '../../src/azure-storage/queues/message-codec.ts';
import { toInstanceId } from '../../src/core/ids.ts';
import type { TaskMessage } from '../../src/core/task-message.ts';
import { CLIENT_SENDER } from '../../src/core/task-message.ts';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';

const ENVELOPE = { activityId: '6c0b3c0e-1f3a-4a0e-9d53-0f5b9b7f2a11', sequenceNumber: 7 };

describe('a queue', () => {
  it.each(['UTF8', 'Base64'] as const)('carries every UTF-16 unit as %s', async (encoding) => {
    const everyUnit = Array.from({ length: 0x1_0000 }, (_, code) => String.fromCharCode(code));
    const inputs = Array.from({ length: 16 }, (_, part) =>
      everyUnit.slice(part * 0x1000, (part + 1) * 0x1000).join(''),
    );
    const messages = [...inputs, ' &amp;&#x41;<![CDATA[ \r\n😀 '].map(raise);

    const sent = messages.map((message) => encodeMessage(message, ENVELOPE));
    const received = await throughQueue(sent.map((json) => toQueueText(json, encoding)));

    const expected = messages.map((message): DecodedMessage => {
      return { kind: 'message', message, ...ENVELOPE };
    });
    expect(received.map(decodeMessage)).toEqual(expected);
  });
});

async function throughQueue(texts: readonly string[]): Promise<string[]> {
  const service = QueueServiceClient.fromConnectionString(azuriteConnectionString());
  const queue = service.getQueueClient(hubNames(freshHubName(), 1).workItemQueue);
  await queue.create();
  for (const text of texts) await queue.sendMessage(text);
  const { receivedMessageItems } = await queue.receiveMessages({ numberOfMessages: texts.length });
  await queue.delete();
  return receivedMessageItems.map((item) => item.messageText);
}

function raise(input: string): TaskMessage {
  return {
    event: {
      EventType: 'EventRaised',
      Name: 'go',
      Input: input,
      ParentTraceContext: null,
      EventId: -1,
      IsPlayed: false,
      Timestamp: '2026-01-31T10:00:00.1234567Z',
    },
    target: { instanceId: toInstanceId('order-1'), executionId: null },
    sender: CLIENT_SENDER,
  };
}
