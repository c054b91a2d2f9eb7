import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../../src/core/history-event.ts';
import { toInstanceId } from '../../../src/core/ids.ts';
import { previewRewind } from '../../../src/engine/client/rewind-preview.ts';

function event(EventType: string, members: object = {}): HistoryEvent {
  const Timestamp = '2026-01-01T00:00:00Z';
  return { EventType, EventId: -1, IsPlayed: false, Timestamp, ...members } as HistoryEvent;
}

const activity = (EventId: number, Name: string) =>
  event('TaskScheduled', { EventId, Name, Input: null });
const failed = event('ExecutionCompleted', { EventId: 9, OrchestrationStatus: 'Failed' });

describe('the preview of a rewind', () => {
  it('has what failed last, what had not answered, and not what was done', () => {
    const history = [
      event('OrchestratorStarted'),
      event('ExecutionStarted', { Name: 'Order', OrchestrationInstance: {} }),
      activity(0, 'Done'),
      activity(1, 'Failed'),
      activity(2, 'Open'),
      event('SubOrchestrationInstanceCreated', { EventId: 3, Name: 'Child', InstanceId: 'c' }),
      event('TimerCreated', { EventId: 4, FireAt: '2026-01-02T00:00:00Z' }),
      event('OrchestratorStarted'),
      event('TaskCompleted', { TaskScheduledId: 0, Result: '1' }),
      event('SubOrchestrationInstanceFailed', { TaskScheduledId: 3, Reason: 'no' }),
      event('TaskFailed', { TaskScheduledId: 1, Reason: 'no' }),
      failed,
    ];

    expect(previewRewind(toInstanceId('i'), history)).toEqual({
      activities: [
        { name: 'Failed', taskScheduledId: 1, hasFailed: true },
        { name: 'Open', taskScheduledId: 2, hasFailed: false },
      ],
      children: [{ instanceId: 'c', name: 'Child', taskScheduledId: 3, hasFailed: true }],
      timers: 1,
    });
  });

  it('has nothing for an instance that goes on', () => {
    const child = { EventId: 1, Name: 'Child', InstanceId: 'c' };
    const history = [
      event('ExecutionStarted', { Name: 'Order', OrchestrationInstance: {} }),
      activity(0, 'Open'),
      event('SubOrchestrationInstanceCreated', child),
    ];

    expect(previewRewind(toInstanceId('i'), history)).toEqual({
      activities: [],
      children: [],
      timers: 0,
    });
  });
});
