/** Where messages go, and when: a message that came before its time would fire a timer early. */
import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import { toExecutionId, toInstanceId } from '../../src/core/ids.ts';
import {
  CLIENT_SENDER,
  dueTimeMs,
  isActivityMessage,
  isStartMessage,
  type TaskMessage,
} from '../../src/core/task-message.ts';
import { at, eventRaised, START_MS, taskCompleted, timerFired } from '../support/history.ts';
import { started, taskScheduled } from '../support/stored-events.ts';

function to(instanceId: string, event: HistoryEvent): TaskMessage {
  return {
    event,
    target: { instanceId: toInstanceId(instanceId), executionId: toExecutionId('exec') },
    sender: CLIENT_SENDER,
  };
}
const dueAt = (text: string): number | undefined =>
  dueTimeMs(to('inst', { ...timerFired(0, 0), FireAt: text } as HistoryEvent));

describe('a message', () => {
  it('goes to the work-item queue when it schedules an activity, and only then', () => {
    expect(isActivityMessage(to('inst', taskScheduled(0)))).toBe(true);
    expect(isActivityMessage(to('inst', taskCompleted(0)))).toBe(false);
    expect(isStartMessage(to('inst', started()))).toBe(true);
    expect(isStartMessage(to('inst', taskScheduled(0)))).toBe(false);
  });

  it('is due at once, unless it says otherwise', () => {
    expect(dueTimeMs(to('inst', taskCompleted(0)))).toBeUndefined();
    expect(dueTimeMs(to('inst', started()))).toBeUndefined();
    expect(dueTimeMs(to('@counter@k', eventRaised('op')))).toBeUndefined();
  });

  it('is due when its timer, its start or its operation is', () => {
    expect(dueTimeMs(to('inst', timerFired(0, 60)))).toBe(START_MS + 60_000);
    expect(dueTimeMs(to('inst', started({ ScheduledStartTime: at(60) })))).toBe(START_MS + 60_000);
    expect(dueTimeMs(to('@counter@k', eventRaised(`op@${at(60)}`)))).toBe(START_MS + 60_000);
  });

  it('to an orchestration may have any name', () => {
    expect(dueTimeMs(to('inst', eventRaised(`op@${at(60)}`)))).toBeUndefined();
  });

  it('is due at once when its time is none', () => {
    expect(dueTimeMs(to('@counter@k', eventRaised('op@later')))).toBeUndefined();
    expect(dueAt('soon')).toBeUndefined();
  });
});

describe('a due time with the ticks of .NET', () => {
  it('is never early, and less than a millisecond late', () => {
    fc.assert(
      fc.property(fc.nat(9_999_999), (ticks) => {
        const due = dueAt(`2026-01-01T00:00:00.${String(ticks).padStart(7, '0')}Z`) ?? 0;
        const lateTicks = (due - START_MS) * 10_000 - ticks;
        expect(lateTicks).toBeGreaterThanOrEqual(0);
        expect(lateTicks).toBeLessThan(10_000);
      }),
    );
  });
});
