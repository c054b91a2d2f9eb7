import { describe, expect, it } from 'vitest';
import { HeldMessage } from '../../src/azure-storage/queues/held-message.ts';
import type { MessageLock } from '../../src/azure-storage/queues/message-lock.ts';
import { inSendingOrder, type ReadMessage } from '../../src/azure-storage/queues/sending-order.ts';
import { eventRaised, id } from '../contract/sample-messages.ts';

function read(name: string, sender: string, sequenceNumber: number, insertedAtMs = 0): ReadMessage {
  const message = {
    ...eventRaised(id('order-1'), name),
    sender: { instanceId: sender, executionId: sender },
  };
  const lock = { messageId: name } as MessageLock;
  return {
    message: new HeldMessage(message, lock, { dequeueCount: 1 }),
    sequenceNumber,
    insertedAtMs,
  };
}

function namesOf(messages: readonly ReadMessage[]): readonly string[] {
  return inSendingOrder(messages).map(({ message: { event } }) =>
    event.EventType === 'EventRaised' ? event.Name : event.EventType,
  );
}

describe('messages of one poll', () => {
  it('come in the order of the seconds in which they were put', () => {
    expect(namesOf([read('late', '', 1, 2_000), read('early', '', 2, 1_000)])).toEqual([
      'early',
      'late',
    ]);
  });

  it('of clients keep the order of the queue, whatever numbers their processes gave them', () => {
    const messages = [read('one', '', 500), read('two', '', 20), read('three', '', 501)];
    expect(namesOf(messages)).toEqual(['one', 'two', 'three']);
  });

  it('of one step come in its order, in the places that they have', () => {
    const messages = [read('b', 'parent', 8), read('other', '', 1), read('a', 'parent', 7)];
    expect(namesOf(messages)).toEqual(['a', 'other', 'b']);
  });
});
