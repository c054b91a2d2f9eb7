import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import { sequenceOf, type Sequence } from '../../src/dashboard/instance/sequence.ts';

function event(EventType: string, members: object = {}): HistoryEvent {
  const Timestamp = '2026-01-01T00:00:00Z';
  return { EventType, EventId: -1, IsPlayed: false, Timestamp, ...members } as HistoryEvent;
}

const started = event('ExecutionStarted', { Name: 'Order' });

/** `Order -> Charge: 1` */
function brief({ actors, messages }: Sequence): readonly string[] {
  const name = (n: number): string => actors[n]?.label ?? '';
  return messages.map(({ from, to, text, count, kind }) => {
    const arrow = kind === 'request' ? '->' : kind === 'answer' ? '-->' : '-x';
    return `${name(from)} ${arrow} ${name(to)}: ${text}${count === 1 ? '' : ` (${count})`}`;
  });
}

describe('the sequence diagram of a history', () => {
  it('has who asks whom for what, and who answers', () => {
    const events = [
      started,
      event('TaskScheduled', { EventId: 0, Name: 'Charge', Input: '["\\"lamp\\""]' }),
      event('TaskFailed', { TaskScheduledId: 0, Reason: 'no money' }),
      event('TimerCreated', { EventId: 1, FireAt: '2026-01-01T00:00:05Z' }),
      event('TimerFired', { TimerId: 1, FireAt: '2026-01-01T00:00:05Z' }),
      event('SubOrchestrationInstanceCreated', { EventId: 2, Name: 'Ship', InstanceId: 'order-1' }),
      event('SubOrchestrationInstanceCompleted', { TaskScheduledId: 2, Result: '"box"' }),
      event('EventSent', {
        InstanceId: '@revenue@shop',
        Name: 'op',
        Input: '{"op":"add","id":"r"}',
      }),
      event('EventRaised', { Name: 'r', Input: '{}' }),
      event('EventRaised', { Name: 'Approval', Input: '1' }),
      event('ExecutionCompleted', { OrchestrationStatus: 'Completed', Result: '"ok"' }),
    ];

    expect(brief(sequenceOf(events, 100))).toEqual([
      'outside -> Order: starts Order',
      'Order -> Charge: "lamp"',
      'Charge -x Order: no money',
      'Order -> Order: timer until 2026-01-01T00:00:05Z',
      'Order --> Order: timer is due',
      'Order -> Ship: order-1',
      'Ship --> Order: "box"',
      'Order -> revenue shop: add',
      'revenue shop --> Order: answer',
      'outside -> Order: event Approval',
      'Order --> outside: Completed: "ok"',
    ]);
  });

  it('makes one arrow of requests that follow one another, and goes on with 100,000 of them', () => {
    const asked = Array.from({ length: 50_000 }, (_, n) =>
      event('TaskScheduled', { EventId: n, Name: 'Reserve', Input: `[${n}]` }),
    );
    const answered = Array.from({ length: 50_000 }, (_, n) =>
      event('TaskCompleted', { TaskScheduledId: n, Result: `${n}` }),
    );

    expect(brief(sequenceOf([started, ...asked, ...answered], 100))).toEqual([
      'outside -> Order: starts Order',
      'Order -> Reserve: [0] (50000)',
      'Reserve --> Order: 0 (50000)',
    ]);
  });

  it('has no more columns and messages than may be, and tells how many there are', () => {
    const events = Array.from({ length: 30 }, (_, n) => [
      event('TaskScheduled', { EventId: n, Name: `F${n}`, Input: null }),
      event('TaskCompleted', { TaskScheduledId: n, Result: null }),
    ]).flat();

    const { actors, messages, total } = sequenceOf([started, ...events], 20);

    expect(actors.map(({ label }) => label)).toEqual([
      'outside',
      'Order',
      'F0',
      'F1',
      'F2',
      'F3',
      'F4',
      'F5',
      'others',
    ]);
    expect([messages.length, total]).toEqual([20, 61]);
  });
});
