import { describe, expect, it } from 'vitest';
import type { DeliveredMessage } from '../../../src/engine/backend.ts';
import { InstanceInbox } from '../../../src/engine/delivery/instance-inbox.ts';
import { eventRaised, id } from '../../contract/sample-messages.ts';

const NEVER = new AbortController().signal;

function message(instanceId: string, name: string): DeliveredMessage {
  return { message: eventRaised(id(instanceId), name), dequeueCount: 1, hasNoHistory: false };
}

describe('InstanceInbox', () => {
  it('counts what waits, and not what is out', async () => {
    const inbox = new InstanceInbox(() => 1);
    inbox.add(message('a', 'One'));
    inbox.add(message('a', 'Two'));
    inbox.add(message('b', 'Three'));
    expect(inbox.waitingCount).toBe(3);

    await inbox.next(NEVER);

    expect(inbox.waitingCount).toBe(1);
  });

  it('takes out what is asked for, also of instances that are out', async () => {
    const inbox = new InstanceInbox(() => 1);
    inbox.add(message('a', 'One'));
    const item = await inbox.next(NEVER);
    const [two, three, four] = [
      message('a', 'Two'),
      message('a', 'Three'),
      message('b', 'Four'),
    ] as const;
    for (const one of [two, three, four]) inbox.add(one);

    expect(inbox.drain((one) => one !== three)).toEqual([two, four]);

    if (item !== undefined) inbox.finish(item.instanceId);
    expect(await inbox.next(NEVER)).toEqual({ instanceId: 'a', messages: [three], epoch: 1 });
    expect(inbox.waitingCount).toBe(0);
  });

  it('leaves the rest of a long backlog to the next item, in order', async () => {
    const inbox = new InstanceInbox(() => 1);
    const backlog = Array.from({ length: 1_500 }, (_, index) => message('a', String(index)));
    for (const one of backlog) inbox.add(one);

    const first = await inbox.next(NEVER);
    expect(first?.messages).toEqual(backlog.slice(0, 1_000));
    inbox.finish(id('a'));

    expect((await inbox.next(NEVER))?.messages).toEqual(backlog.slice(1_000));
    expect(inbox.waitingCount).toBe(0);
  });

  it('knows its own item from another one of the instance', async () => {
    const inbox = new InstanceInbox(() => 1);
    inbox.add(message('a', 'One'));
    const item = await inbox.next(NEVER);
    if (item === undefined) throw new Error('There is an item.');

    expect([inbox.isOut(item), inbox.isOut({ ...item })]).toEqual([true, false]);

    inbox.finish(item.instanceId);
    expect(inbox.isOut(item)).toBe(false);
  });

  it('drains 200,000 messages of one instance', () => {
    const inbox = new InstanceInbox(() => 1);
    for (let n = 0; n < 200_000; n += 1) inbox.add(message('a', 'One'));

    expect(inbox.drain(() => true)).toHaveLength(200_000);
  });
});
