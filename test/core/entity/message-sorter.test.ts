import { describe, expect, it } from 'vitest';
import { MessageSorter } from '../../../src/core/entity/message-sorter.ts';
import { stepIdOf } from '../../../src/core/entity/request-id.ts';
import type { EntityRequest } from '../../../src/core/entity/request-message.ts';
import { START_MS } from '../../support/history.ts';

const WINDOW_MS = 30 * 60 * 1000;
const UNSET = '0001-01-01T00:00:00';

function request(
  operation: string,
  timestamp: string,
  predecessor = UNSET,
  parentExecutionId = 'exec',
): EntityRequest {
  return {
    operation,
    isSignal: true,
    input: null,
    id: operation,
    parentInstanceId: 'sender',
    parentExecutionId,
    due: null,
    timestamp,
    predecessor,
  };
}

const T1 = '2026-01-01T00:00:00.0000001Z';
const T2 = '2026-01-01T00:00:00.0000002Z';
const T3 = '2026-01-01T00:00:00.0000003Z';
const operations = (requests: readonly EntityRequest[]) =>
  requests.map(({ operation }) => operation);

describe('requests without stamps, as clients send them', () => {
  const fromClient = (id: string): EntityRequest => ({
    ...request(id, UNSET),
    id,
    parentInstanceId: null,
  });
  const restart = (sorter: MessageSorter): MessageSorter =>
    new MessageSorter(JSON.parse(JSON.stringify(sorter.toJson())), WINDOW_MS);

  it('are known when the whole last work item comes again after a crash', () => {
    const sorter = new MessageSorter(undefined, WINDOW_MS);
    const ids = Array.from({ length: 100 }, (_, n) => `1d0f-${n}`);
    expect(ids.flatMap((id) => sorter.receive(fromClient(id)))).toHaveLength(100);
    sorter.endDelivery(START_MS);

    const next = restart(sorter);

    expect(ids.flatMap((id) => next.receive(fromClient(id)))).toEqual([]);
    expect(next.receive(fromClient('1d0f-new'))).toHaveLength(1);
  });

  it('are known when they come again one by one, between others, until the window is over', () => {
    const ids = Array.from({ length: 100 }, (_, n) => `1d0f-${n}`);
    let sorter = new MessageSorter(undefined, WINDOW_MS, 'first');
    for (const id of ids) sorter.receive(fromClient(id));
    sorter.endDelivery(START_MS);

    for (const [index, id] of ids.entries()) {
      const writer = index < 50 ? 'second' : 'third';
      sorter = new MessageSorter(JSON.parse(JSON.stringify(sorter.toJson())), WINDOW_MS, writer);
      expect(sorter.receive(fromClient(id))).toEqual([]);
      for (let n = 0; n < 40; n++) {
        expect(sorter.receive(fromClient(`other${index}x${n}`))).toHaveLength(1);
        sorter.endDelivery(START_MS + index);
      }
    }
    sorter.endDelivery(START_MS + WINDOW_MS + 100);
    sorter.endDelivery(START_MS + 2 * WINDOW_MS + 100);
    expect(sorter.toJson()).toEqual({});
  });

  it('are all taken when they have no id, or ordering is off', () => {
    const sorter = new MessageSorter(undefined, WINDOW_MS);
    const off = new MessageSorter(undefined, 0);

    expect([1, 2].flatMap(() => sorter.receive(fromClient('')))).toHaveLength(2);
    expect([1, 2].flatMap(() => off.receive(fromClient('1d0f')))).toHaveLength(2);
  });
});

describe('requests of a step that was run again', () => {
  const ids = [1, 2, 3].map((index) =>
    stepIdOf({ cause: 'exec', index, target: '@e@k', operation: 'o', input: null }),
  );
  const [one = '', two = '', three = ''] = ids;
  const sent = (id: string, timestamp: string, predecessor = UNSET): EntityRequest => ({
    ...request(id, timestamp, predecessor),
    id,
  });

  it('are known by their ids, whatever their stamps, and nothing waits for those that were dropped', () => {
    const sorter = new MessageSorter(undefined, WINDOW_MS);
    expect(sorter.receive(sent(one, T1))).toHaveLength(1);

    expect(sorter.receive(sent(two, T3, T2))).toEqual([]);
    expect(operations(sorter.receive(sent(one, T2)))).toEqual([two]);
    expect(sorter.receive(sent(two, '2026-01-01T00:00:00.0000009Z', T3))).toEqual([]);
    expect(operations(sorter.receive(sent(three, '2026-01-01T00:00:00.0000010Z', T3)))).toEqual([
      three,
    ]);
  });

  it('are known after the state was stored', () => {
    const sorter = new MessageSorter(undefined, WINDOW_MS);
    sorter.receive(sent(one, T1));

    const restored = new MessageSorter(JSON.parse(JSON.stringify(sorter.toJson())), WINDOW_MS);

    expect(restored.receive(sent(one, T2))).toEqual([]);
    expect(operations(restored.receive(sent(two, T3, T2)))).toEqual([two]);
  });
});

describe('requests of one sender', () => {
  it('are delivered in the order they were sent, whatever the order of arrival', () => {
    const sorter = new MessageSorter(undefined, WINDOW_MS);

    expect(operations(sorter.receive(request('c', T3, T2)))).toEqual([]);
    expect(operations(sorter.receive(request('b', T2, T1)))).toEqual([]);
    expect(operations(sorter.receive(request('a', T1)))).toEqual(['a', 'b', 'c']);
  });

  it('are delivered once, however often they arrive', () => {
    const sorter = new MessageSorter(undefined, WINDOW_MS);
    sorter.receive(request('a', T1));

    expect(sorter.receive(request('a', T1))).toEqual([]);
  });

  it('start anew with a new execution of the sender', () => {
    const sorter = new MessageSorter(undefined, WINDOW_MS);
    sorter.receive(request('a', T2));

    expect(operations(sorter.receive(request('b', T1, UNSET, 'next')))).toEqual(['b']);
  });

  it('do not wait for a predecessor that is older than the window', () => {
    const sorter = new MessageSorter(undefined, WINDOW_MS);
    sorter.receive(request('b', T2, T1));

    const later = sorter.receive(request('z', '2026-01-01T01:00:00.0000000Z'));

    expect(operations(later)).toEqual(['b', 'z']);
  });

  it('are delivered at once when ordering is off', () => {
    const sorter = new MessageSorter(undefined, 0);

    expect(operations(sorter.receive(request('c', T3, T2)))).toEqual(['c']);
  });
});

describe('the stored form', () => {
  it('goes on where it was, with 100 ns digits', () => {
    const sorter = new MessageSorter(undefined, WINDOW_MS);
    sorter.receive(request('a', T1));
    sorter.receive(request('c', T3, T2));

    const revived = new MessageSorter(sorter.toJson(), WINDOW_MS);

    expect(revived.toJson()).toEqual(sorter.toJson());
    expect(revived.receive(request('a', T1))).toEqual([]);
    expect(operations(revived.receive(request('b', T2, T1)))).toEqual(['b', 'c']);
  });

  it('is that of the .NET extension', () => {
    const stored = {
      ReceivedFromInstance: {
        'entityorch-1': {
          Last: '2026-11-21T06:40:30.8497511Z',
          ExecutionId: 'dfefc699-8d43-47fd-bec8-b9f5ab9cdd76',
        },
      },
      ReceiveHorizon: '2026-11-21T06:10:30.5284549Z',
    };

    expect(new MessageSorter(stored, WINDOW_MS).toJson()).toEqual(stored);
  });
});

describe('requests of several executions of one sender', () => {
  it('are known again, whichever execution they are of', () => {
    const sorter = new MessageSorter(undefined, WINDOW_MS);
    sorter.receive(request('a', T1, UNSET, 'first'));
    sorter.receive(request('b', T2, UNSET, 'second'));

    const revived = new MessageSorter(sorter.toJson(), WINDOW_MS);

    expect(revived.receive(request('a', T1, UNSET, 'first'))).toEqual([]);
    expect(revived.receive(request('b', T2, UNSET, 'second'))).toEqual([]);
    expect(operations(revived.receive(request('c', T3, T2, 'second')))).toEqual(['c']);
  });

  it('are stored so that the .NET extension finds the latest execution, and all requests that wait', () => {
    const sorter = new MessageSorter(undefined, WINDOW_MS);
    sorter.receive(request('late', T2, T1, 'first'));
    sorter.receive(request('b', T2, UNSET, 'second'));
    sorter.receive(request('late too', T2, T1, 'third'));

    const json = sorter.toJson();

    expect(json['ReceivedFromInstance']).toMatchObject({
      sender: {
        ExecutionId: 'third',
        Buffered: { [T2]: { id: 'late too' }, [T3]: { id: 'late' } },
      },
    });
    expect(json['Earlier']).toEqual({
      sender: [{ Last: T2, ExecutionId: 'second' }, { ExecutionId: 'first' }],
    });
    const revived = new MessageSorter(json, WINDOW_MS);
    expect(operations(revived.receive(request('a', T1, UNSET, 'first')))).toEqual(['a', 'late']);
    expect(operations(revived.receive(request('c', T1, UNSET, 'third')))).toEqual([
      'c',
      'late too',
    ]);
  });

  it('are remembered for eight executions; what the ninth last waited for is delivered', () => {
    const sorter = new MessageSorter(undefined, WINDOW_MS);
    sorter.receive(request('late', T2, T1, 'old'));
    const delivered = Array.from({ length: 8 }, (_, n) =>
      operations(sorter.receive(request(`r${n}`, T3, UNSET, `exec ${n}`))),
    );

    expect(delivered.at(-1)).toEqual(['late', 'r7']);
    expect(sorter.toJson()['Earlier']).toMatchObject({ sender: { length: 7 } });
  });

  it('keep the spelling of the sender', () => {
    const sorter = new MessageSorter(undefined, WINDOW_MS);
    sorter.receive({ ...request('a', T1), parentInstanceId: 'Order-1' });

    expect(sorter.toJson()['ReceivedFromInstance']).toHaveProperty('Order-1');
  });
});

describe('stamps for what an entity sends', () => {
  const at = Date.parse('2026-01-01T12:00:00.000Z');

  it('name the one before, and are stored as .NET stores them', () => {
    const sorter = new MessageSorter(undefined, WINDOW_MS);

    expect(sorter.stamp('@e@k', at)).toEqual({
      timestamp: '2026-01-01T12:00:00.0000000Z',
      predecessor: UNSET,
    });
    expect(sorter.stamp('@e@k', at)).toEqual({
      timestamp: '2026-01-01T12:00:00.0000001Z',
      predecessor: '2026-01-01T12:00:00.0000000Z',
    });
    expect(sorter.toJson()).toEqual({
      LastSentToInstance: { '@e@k': '2026-01-01T12:00:00.0000001Z' },
      SendHorizon: '2026-01-01T11:30:00.0000000Z',
    });
  });

  it('are forgotten when they are older than the window', () => {
    const sorter = new MessageSorter(undefined, WINDOW_MS);
    sorter.stamp('@e@old', at);
    sorter.stamp('@e@k', at + WINDOW_MS + 10_001);

    expect(sorter.toJson()).toEqual({
      LastSentToInstance: { '@e@k': '2026-01-01T12:30:10.0010000Z' },
      SendHorizon: '2026-01-01T12:00:10.0010000Z',
    });
  });

  it('are none when ordering is off', () => {
    expect(new MessageSorter(undefined, 0).stamp('@e@k', at)).toEqual({});
  });
});

describe('senders whose ids look like what the sorter itself stores', () => {
  const restart = (sorter: MessageSorter): MessageSorter =>
    new MessageSorter(JSON.parse(JSON.stringify(sorter.toJson())), WINDOW_MS);
  const from = (parentInstanceId: string, executionId: string | null): EntityRequest => ({
    ...request('a', T1),
    parentInstanceId,
    parentExecutionId: executionId,
  });

  it.each(['#released', '#released#lock 1', '#unstamped', '#unstamped#0', 'x#lock', 'a#b'])(
    'have their requests taken once, also after the state was stored: %s',
    (sender) => {
      let sorter = new MessageSorter(undefined, WINDOW_MS);
      expect(sorter.receive(from(sender, 'e1'))).toHaveLength(1);
      sorter = restart(sorter);
      for (let n = 0; n < 20; n++) sorter.noteRelease(`lock ${n}`, Date.parse(T1) + n);
      sorter = restart(sorter);

      expect(sorter.receive(from(sender, 'e1'))).toEqual([]);
      expect(restart(sorter).receive(from(sender, 'e1'))).toEqual([]);
      expect(sorter.receive(from(sender, 'e2'))).toHaveLength(1);
    },
  );

  it('do not push out the locks that were released', () => {
    const sorter = new MessageSorter(undefined, WINDOW_MS);
    sorter.noteRelease('lock 1', Date.parse(T1));

    for (let n = 0; n < 20; n++) sorter.receive(from('#released', `e${n}`));

    expect(sorter.wasReleased('lock 1')).toBe(true);
    expect(restart(sorter).wasReleased('lock 1')).toBe(true);
    expect(sorter.wasReleased('e19')).toBe(false);
  });

  it('do not pass for an earlier execution of another sender', () => {
    let sorter = new MessageSorter(undefined, WINDOW_MS);
    sorter.receive(from('a', 'first'));
    sorter.receive(from('a', 'second'));
    sorter.receive(from('a#first', 'other'));
    sorter = restart(sorter);

    expect(sorter.receive(from('a', 'first'))).toEqual([]);
    expect(sorter.receive(from('a#first', 'other'))).toEqual([]);
  });

  it('do not have lock requests of another entity taken for theirs', () => {
    let sorter = new MessageSorter(undefined, WINDOW_MS);
    sorter.receive({ ...from('@e@a#lock', null), timestamp: T3 });
    sorter = restart(sorter);
    const lockSet = [
      { name: 'e', key: 'a' },
      { name: 'e', key: 'b' },
    ];

    const forwarded = { ...from('o', 'exec'), id: 'lock', timestamp: T2, lockSet, position: 1 };

    expect(sorter.receive(forwarded)).toHaveLength(1);
    expect(restart(sorter).receive(forwarded)).toEqual([]);
  });

  it('do not share their stamps with lock requests that are passed on', () => {
    const sorter = new MessageSorter(undefined, WINDOW_MS);
    sorter.stampForwarded('@e@k', START_MS);

    expect(sorter.stamp('@e@k#lock', START_MS).predecessor).toBe(UNSET);
    expect(restart(sorter).stampForwarded('@e@k', START_MS).predecessor).not.toBe(UNSET);
  });
});

describe('the stored form of earlier versions', () => {
  const ids = '1d0f1 1d0f2';
  const stored = {
    LastSentToInstance: { '@e@k#lock': T3 },
    ReceivedFromInstance: {
      sender: { Last: T2, ExecutionId: 'second' },
      'sender#first': { Last: T1, ExecutionId: 'first' },
      '@e@a#lock': { Last: T2 },
      '#released': { Last: T2, ExecutionId: 'lock 2' },
      '#released#lock 1': { Last: T1, ExecutionId: 'lock 1' },
      '#unstamped': { ExecutionId: ids, Writer: 'first' },
      '#unstamped#0': { Last: T3, ExecutionId: '1d0f0' },
    },
  };

  it('is understood', () => {
    const sorter = new MessageSorter(stored, WINDOW_MS, 'first');

    expect(sorter.receive(request('a', T1, UNSET, 'first'))).toEqual([]);
    expect(sorter.receive(request('b', T2, UNSET, 'second'))).toEqual([]);
    expect(['lock 1', 'lock 2', 'lock 3'].map((id) => sorter.wasReleased(id))).toEqual([
      true,
      true,
      false,
    ]);
    expect(
      ['1d0f0', '1d0f1', '1d0f2', '1d0f3'].flatMap((id) =>
        operations(sorter.receive({ ...request(id, UNSET), id, parentInstanceId: null })),
      ),
    ).toEqual(['1d0f3']);
    expect(sorter.stampForwarded('@e@k', Date.parse(T1)).predecessor).toBe(T3);
  });

  it('is written anew, with nothing but senders where the .NET extension looks for senders', () => {
    const json = new MessageSorter(stored, WINDOW_MS, 'first').toJson();

    expect(json['ReceivedFromInstance']).toEqual({ sender: { Last: T2, ExecutionId: 'second' } });
    expect(new MessageSorter(json, WINDOW_MS, 'first').toJson()).toEqual(json);
  });
});
