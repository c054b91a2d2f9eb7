import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import { historyJson } from '../../src/http/management/history-json.ts';

const ALL = { showInput: true, showOutput: true };
const NONE = { showInput: false, showOutput: false };

function view(events: readonly HistoryEvent[], options = ALL): unknown {
  return JSON.parse(historyJson(events, options)) as unknown;
}

const scheduled: HistoryEvent = {
  EventType: 'TaskScheduled',
  EventId: 0,
  IsPlayed: false,
  Timestamp: '2026-01-01T00:00:00.1230000Z',
  Name: 'SayHello',
  Version: '',
  Input: '["x"]',
  ParentTraceContext: null,
  Tags: null,
};

const completed: HistoryEvent = {
  EventType: 'TaskCompleted',
  EventId: -1,
  IsPlayed: false,
  Timestamp: '2026-01-01T00:00:01.000Z',
  TaskScheduledId: 0,
  Result: '12345678901234567890',
};

describe('the history', () => {
  it('shows a task that is under way as scheduled', () => {
    expect(view([scheduled])).toEqual([
      {
        EventType: 'TaskScheduled',
        ParentTraceContext: null,
        Name: 'SayHello',
        Input: '["x"]',
        Tags: null,
        Timestamp: '2026-01-01T00:00:00.123Z',
      },
    ]);
  });

  it('shows a task that is done as one event', () => {
    expect(historyJson([scheduled, completed], ALL)).toBe(
      '[{"EventType":"TaskCompleted","Result":12345678901234567890,"Timestamp":"2026-01-01T00:00:01Z",' +
        '"ScheduledTime":"2026-01-01T00:00:00.123+00:00","FunctionName":"SayHello","Input":"[\\"x\\"]"}]',
    );
  });

  it('leaves inputs and outputs out when they are not asked for', () => {
    expect(view([scheduled, completed], NONE)).toEqual([
      {
        EventType: 'TaskCompleted',
        Timestamp: '2026-01-01T00:00:01Z',
        ScheduledTime: '2026-01-01T00:00:00.123+00:00',
        FunctionName: 'SayHello',
      },
    ]);
  });

  it('does not mix up a task and a sub-orchestration with the same id', () => {
    const child: HistoryEvent = {
      ...completed,
      EventType: 'SubOrchestrationInstanceCompleted',
      Result: null,
    };

    expect(view([scheduled, child], NONE)).toMatchObject([
      { EventType: 'TaskScheduled' },
      { EventType: 'SubOrchestrationInstanceCompleted' },
    ]);
  });
});
