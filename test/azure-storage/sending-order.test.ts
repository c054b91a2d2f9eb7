import { randomUUID } from 'node:crypto';
import { describe, expect, it } from 'vitest';
import { HeldMessage } from '../../src/azure-storage/queues/held-message.ts';
import { MessageLock } from '../../src/azure-storage/queues/message-lock.ts';
import {
  inSendingOrder,
  markedActivityId,
  type ReadMessage,
} from '../../src/azure-storage/queues/sending-order.ts';
import { eventRaised, id } from '../contract/sample-messages.ts';

const newId = (): string => randomUUID().replaceAll('-', '');
/** Of two processes. */
const [RED, BLUE] = [newId(), newId()];

function read(
  name: string,
  sender: string,
  sequenceNumber: number,
  { insertedAtMs = 0, process = newId() } = {},
): ReadMessage {
  const message = {
    ...eventRaised(id('order-1'), name),
    sender: { instanceId: sender, executionId: sender },
  };
  const receipt = { messageId: name, popReceipt: '', visibleAtMs: 0 };
  const lock = new MessageLock({} as never, receipt, { leaseMs: 1_000, fromMs: 0 });
  return {
    message: new HeldMessage(message, lock, { dequeueCount: 1 }),
    sequenceNumber,
    activityId: markedActivityId(newId(), process),
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
    expect(
      namesOf([
        read('late', '', 1, { insertedAtMs: 2_000 }),
        read('early', '', 2, { insertedAtMs: 1_000 }),
      ]),
    ).toEqual(['early', 'late']);
  });

  it('of clients keep the order of the queue, whatever numbers their processes gave them', () => {
    const messages = [
      read('one', '', 500, { process: RED }),
      read('two', '', 20, { process: BLUE }),
      read('three', '', 501, { process: RED }),
      read('of .NET', '', 7),
    ];
    expect(namesOf(messages)).toEqual(['one', 'two', 'three', 'of .NET']);
  });

  it('of one client come as it sent them, in the places that they have: what was given back comes behind', () => {
    const messages = [
      read('three', '', 3, { process: RED }),
      read('other', '', 1, { process: BLUE }),
      read('two', '', 2, { process: RED }),
      read('one', '', 1, { process: RED }),
    ];
    expect(namesOf(messages)).toEqual(['one', 'other', 'two', 'three']);
  });

  it('of one step come in its order, in the places that they have', () => {
    const messages = [read('b', 'parent', 8), read('other', '', 1), read('a', 'parent', 7)];
    expect(namesOf(messages)).toEqual(['a', 'other', 'b']);
  });
});
