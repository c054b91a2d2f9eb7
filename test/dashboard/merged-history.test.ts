import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import {
  mergedRows,
  rawRows,
  type HistoryRow,
} from '../../src/dashboard/instance/merged-history.ts';

const START = Date.parse('2026-01-01T00:00:00Z');

/** An event `seconds` after the start. */
function at(seconds: number, EventType: string, members: object = {}): HistoryEvent {
  const Timestamp = new Date(START + seconds * 1_000).toISOString();
  return { EventType, EventId: -1, IsPlayed: false, Timestamp, ...members } as HistoryEvent;
}

/** `Activity 2>5 3000`: the events of the row, and its duration. */
function brief({ index, event, request, answer, durationMs }: HistoryRow): string {
  const indexes = answer === undefined ? `${index}` : `${index}>${answer.index}`;
  const duration = durationMs === undefined ? '' : ` ${durationMs}`;
  return `${request ?? event.EventType} ${indexes}${duration}`;
}

const request = JSON.stringify({ id: 'r1', op: 'add', signal: false });
const signal = JSON.stringify({ id: 's1', op: 'add', signal: true });

describe('a merged history', () => {
  it('has each request and its answer in one row, at the place of the request', () => {
    const events = [
      at(0, 'OrchestratorStarted'),
      at(0, 'ExecutionStarted', { Name: 'Order' }),
      at(1, 'TaskScheduled', { EventId: 0, Name: 'Charge' }),
      at(1, 'SubOrchestrationInstanceCreated', { EventId: 1, Name: 'Ship', InstanceId: 'c' }),
      at(1, 'EventSent', { EventId: 2, InstanceId: '@revenue@shop', Name: 'op', Input: request }),
      at(1, 'OrchestratorCompleted'),
      at(4, 'OrchestratorStarted'),
      at(3, 'SubOrchestrationInstanceFailed', { TaskScheduledId: 1, Reason: 'no' }),
      at(2, 'TaskCompleted', { TaskScheduledId: 0 }),
      at(4, 'EventRaised', { Name: 'r1', Input: '{}' }),
      at(6, 'OrchestratorCompleted'),
    ];

    expect(mergedRows(events).map(brief)).toEqual([
      'Orchestrator step 0>5 1000',
      'ExecutionStarted 1',
      'Activity 2>8 1000',
      'Sub-orchestration 3>7 2000',
      'Entity call 4>9 3000',
      'Orchestrator step 6>10 2000',
    ]);
    expect(rawRows(events).map(brief)).toHaveLength(events.length);
  });

  it('has a timer last until it was due, not until its event was made', () => {
    const FireAt = new Date(START + 60_000).toISOString();
    const events = [
      at(10, 'TimerCreated', { EventId: 0, FireAt }),
      at(10, 'TimerFired', { TimerId: 0, FireAt }),
    ];

    expect(mergedRows(events).map(brief)).toEqual(['Timer 0>1 50000']);
  });

  it('loses no event: what has no answer, what nobody asked for, and an answer that came twice', () => {
    const events = [
      at(1, 'TaskScheduled', { EventId: 0, Name: 'Charge' }),
      at(2, 'TaskCompleted', { TaskScheduledId: 0 }),
      at(3, 'TaskCompleted', { TaskScheduledId: 0 }),
      at(4, 'EventRaised', { Name: 'Approval' }),
      at(5, 'EventSent', { EventId: 1, InstanceId: '@revenue@shop', Name: 'op', Input: signal }),
      at(6, 'TaskScheduled', { EventId: 2, Name: 'Ship' }),
    ];

    expect(mergedRows(events).map(brief)).toEqual([
      'Activity 0>1 1000',
      'TaskCompleted 2',
      'EventRaised 3',
      'EventSent 4',
      'Activity 5',
    ]);
  });
});
