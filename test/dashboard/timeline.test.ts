import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import { timeScale } from '../../src/dashboard/instance/time-scale.ts';
import { timelineOf, type Lane } from '../../src/dashboard/instance/timeline.ts';

const START = Date.parse('2026-01-01T00:00:00Z');

/** An event `seconds` after the start. */
function at(seconds: number, EventType: string, members: object = {}): HistoryEvent {
  const Timestamp = new Date(START + seconds * 1_000).toISOString();
  return { EventType, EventId: -1, IsPlayed: false, Timestamp, ...members } as HistoryEvent;
}

const begun = [at(0, 'ExecutionStarted', { Name: 'Order' })];

/** `running 2-5`, in seconds after the start. */
function brief({ label, state, tries, spans }: Lane): object {
  const second = (ms: number): number => (ms - START) / 1_000;
  const texts = spans.map(({ kind, fromMs, toMs }) => `${kind} ${second(fromMs)}-${second(toMs)}`);
  return { label, state, tries, spans: texts };
}

function lanesOf(events: readonly HistoryEvent[], endSeconds: number): readonly object[] {
  return timelineOf([...begun, ...events], START + endSeconds * 1_000).lanes.map(brief);
}

describe('the time line of a history', () => {
  it('tells when the orchestrator ran from when it waited, and an answer that waited from the work', () => {
    const lanes = lanesOf(
      [
        at(1, 'OrchestratorStarted'),
        at(1, 'TaskScheduled', { EventId: 0, Name: 'Charge' }),
        at(2, 'OrchestratorCompleted'),
        at(6, 'OrchestratorStarted'),
        at(5, 'TaskCompleted', { TaskScheduledId: 0 }),
        at(6, 'ExecutionCompleted', { OrchestrationStatus: 'Completed' }),
        at(7, 'OrchestratorCompleted'),
      ],
      7,
    );

    expect(lanes).toEqual([
      {
        label: 'Order',
        state: 'done',
        tries: 1,
        spans: ['waiting 0-1', 'running 1-2', 'waiting 2-6', 'running 6-7'],
      },
      { label: 'Charge', state: 'done', tries: 1, spans: ['running 1-5', 'waiting 5-6'] },
    ]);
  });

  it('begins a timer when it was made, though it was due before', () => {
    const lanes = lanesOf(
      [
        at(5, 'OrchestratorStarted'),
        at(5, 'TimerCreated', { EventId: 0 }),
        at(6, 'OrchestratorCompleted'),
        at(8, 'OrchestratorStarted'),
        at(5, 'TimerFired', { TimerId: 0, FireAt: '2026-01-01T00:00:02Z' }),
      ],
      9,
    );

    expect(lanes.at(-1)).toMatchObject({ label: 'timer', spans: ['waiting 5-5', 'waiting 5-8'] });
  });

  it('has the tries of a retry in one lane, with the pauses between them', () => {
    const lanes = lanesOf(
      [
        at(0, 'TaskScheduled', { EventId: 0, Name: 'Charge' }),
        at(1, 'TaskFailed', { TaskScheduledId: 0, Reason: 'no' }),
        at(1, 'TimerCreated', { EventId: 1 }),
        at(1, 'TimerFired', { TimerId: 1, FireAt: '2026-01-01T00:00:04Z' }),
        at(4, 'TaskScheduled', { EventId: 2, Name: 'Charge' }),
      ],
      9,
    );

    expect(lanes.slice(1)).toEqual([
      {
        label: 'Charge',
        state: 'open',
        tries: 2,
        spans: ['failed 0-1', 'waiting 1-4', 'running 4-9'],
      },
    ]);
  });

  it('lets a try that a rewind has taken back go on no longer', () => {
    const lanes = lanesOf(
      [
        at(0, 'TaskScheduled', { EventId: 0, Name: 'Charge' }),
        at(1, 'TaskFailed', { TaskScheduledId: 0, Reason: 'no' }),
        at(1, 'TimerCreated', { EventId: 1 }),
        at(2, 'OrchestratorStarted'),
        at(1, 'TimerFired', { TimerId: 1, FireAt: '2026-01-01T00:00:02Z' }),
        at(2, 'GenericEvent', { EventId: 2 }),
        at(2, 'OrchestratorCompleted'),
        at(8, 'OrchestratorStarted'),
        at(8, 'TaskScheduled', { EventId: 2, Name: 'Charge' }),
        at(9, 'OrchestratorCompleted'),
      ],
      9,
    );

    expect(lanes.slice(1)).toEqual([
      { label: 'Charge', state: 'failed', tries: 1, spans: ['failed 0-1', 'waiting 1-2'] },
      { label: 'Charge', state: 'open', tries: 1, spans: ['running 8-9'] },
    ]);
  });

  it('has timers, events, and entities that were asked and have answered', () => {
    const lanes = lanesOf(
      [
        at(0, 'TimerCreated', { EventId: 0 }),
        at(1, 'EventRaised', { Name: 'Approval' }),
        at(2, 'EventSent', { InstanceId: '@revenue@shop', Name: 'op', Input: '{"id":"r1"}' }),
        at(3, 'EventRaised', { Name: 'r1' }),
      ],
      5,
    );

    expect(lanes.slice(1)).toEqual([
      { label: 'timer', state: 'open', tries: 1, spans: ['waiting 0-5'] },
      { label: 'Approval', state: 'done', tries: 1, spans: ['moment 1-1'] },
      { label: 'revenue shop', state: 'done', tries: 1, spans: ['running 2-3'] },
    ]);
  });

  it('goes on with 100,000 events', () => {
    const tasks = Array.from({ length: 50_000 }, (_, n) => [
      at(n, 'TaskScheduled', { EventId: n, Name: 'Charge' }),
      at(n + 1, 'TaskCompleted', { TaskScheduledId: n }),
    ]).flat();

    expect(lanesOf(tasks, 50_000)).toHaveLength(50_001);
  });
});

describe('the scale of a time line', () => {
  const whole = { fromMs: 0, toMs: 1_000 };
  const busy = [
    { fromMs: 0, toMs: 50 },
    { fromMs: 950, toMs: 1_000 },
  ];

  it('is even where nothing is cut', () => {
    const { at: place, gaps } = timeScale(whole, busy, { cutsGaps: false });

    expect([place(-1), place(250), place(1_000), gaps]).toEqual([0, 0.25, 1, []]);
  });

  it('uses the whole width, also where nothing took a millisecond', () => {
    const moments = [0, 400, 1_000].map((ms) => ({ fromMs: ms, toMs: ms }));

    const { at: place } = timeScale(whole, moments, { cutsGaps: true });

    expect(place(0)).toBe(0);
    expect(place(400)).toBeCloseTo(0.5);
    expect(place(1_000)).toBeCloseTo(1);
  });

  it('leaves little of what is long and idle', () => {
    const { at: place, gaps } = timeScale(whole, busy, { cutsGaps: true });

    expect(gaps).toEqual([{ fromMs: 50, toMs: 950 }]);
    expect(place(50)).toBeCloseTo(50 / 104);
    expect(place(950)).toBeCloseTo(54 / 104);
    expect(place(1_000)).toBe(1);
  });
});
