/** Which statuses are an end. */
import { describe, expect, it } from 'vitest';
import {
  EVENT_TYPE_NUMBERS,
  isReceived,
  ORCHESTRATION_STATUS_NUMBERS,
  type HistoryEvent,
} from '../../src/core/history-event.ts';
import { isTerminal, RUNTIME_STATUSES } from '../../src/core/instance-status.ts';

describe('an instance', () => {
  it('is over in four states, and in no other', () => {
    expect(RUNTIME_STATUSES.filter(isTerminal)).toEqual([
      'Completed',
      'Failed',
      'Canceled',
      'Terminated',
    ]);
    expect(isTerminal('Unknown')).toBe(false);
  });
});

describe('the numbers of .NET', () => {
  it('are one for each status that a row may say', () => {
    const numbers = RUNTIME_STATUSES.map((status) => ORCHESTRATION_STATUS_NUMBERS[status]);
    expect([...numbers].sort()).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it('are one for each event, from 0 to 21, but for the one that .NET gave up', () => {
    const numbers = Object.values(EVENT_TYPE_NUMBERS).sort((a, b) => a - b);
    const all = Array.from({ length: 22 }, (_, number) => number);
    expect(numbers).toEqual(all.filter((number) => number !== 2));
  });
});

describe('an orchestrator', () => {
  it('is told of its start, of answers and of events, and of nothing else', () => {
    const types = Object.keys(EVENT_TYPE_NUMBERS) as HistoryEvent['EventType'][];
    const told = types.filter((EventType) => isReceived({ EventType } as HistoryEvent));
    expect(told).toEqual([
      'ExecutionStarted',
      'TaskCompleted',
      'TaskFailed',
      'SubOrchestrationInstanceCompleted',
      'SubOrchestrationInstanceFailed',
      'TimerFired',
      'EventRaised',
    ]);
  });
});
