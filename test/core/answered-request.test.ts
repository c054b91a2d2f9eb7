import { describe, expect, it } from 'vitest';
import { answers } from '../../src/core/answered-request.ts';
import type {
  ExecutionCompletedEvent,
  ExecutionStartedEvent,
} from '../../src/core/history-event.ts';
import { toExecutionId, toInstanceId } from '../../src/core/ids.ts';
import { answerToParent, dispatch, type Sending } from '../../src/core/outbox.ts';
import type { StartMessage } from '../../src/core/task-message.ts';
import { at, startedEvent } from '../support/history.ts';

const COMPLETED: ExecutionCompletedEvent = {
  EventType: 'ExecutionCompleted',
  EventId: 1,
  IsPlayed: false,
  Timestamp: at(9),
  OrchestrationStatus: 'Completed',
  Result: '1',
  FailureDetails: null,
};

function sending(started: ExecutionStartedEvent, now: string): Sending {
  const { InstanceId, ExecutionId } = started.OrchestrationInstance;
  return {
    instanceId: toInstanceId(InstanceId),
    executionId: toExecutionId(ExecutionId ?? ''),
    started,
    episode: 1,
    now,
    newId: () => 'c'.repeat(32),
  };
}

function callChild(now: string) {
  const call = { kind: 'subOrchestration' as const, name: 'Child', version: '', instanceId: '' };
  return dispatch(sending(startedEvent as ExecutionStartedEvent, now), 3, { ...call, input: null });
}

describe('the answer of a child', () => {
  const { event: request, message } = callChild('2026-01-01T00:00:01.2345678Z');
  const { event: started } = message as StartMessage;

  it('is to the call that its parent recorded, of whatever generation it is', () => {
    const later = { ...started, Timestamp: at(8), Generation: null };
    const answer = answerToParent(sending(later, at(9)), COMPLETED, null);

    expect(answer?.target).toEqual({ instanceId: 'inst', executionId: 'exec' });
    expect(answer?.event).toMatchObject({ TaskScheduledId: 3, Result: '1' });
    expect(answer && answers(answer, request)).toBe(true);
    expect(answer && answers(answer, callChild(at(1)).event)).toBe(false);
  });

  it('is told by its id alone when the parent did not say when it called', () => {
    const { ParentInstance: parent } = started;
    if (parent === null) return expect.unreachable();
    const { AskedAt: _, ...silent } = parent;
    const from = sending({ ...started, ParentInstance: silent }, at(9));

    const answer = answerToParent(from, COMPLETED, null);

    expect(answer?.orchestrationTags).toBeUndefined();
    expect(answer && answers(answer, request)).toBe(true);
  });

  it('is owed to nobody by one that was started to be forgotten, or by nobody', () => {
    const forgotten = { ...started, Tags: { FireAndForget: '' } };
    expect(answerToParent(sending(forgotten, at(9)), COMPLETED, null)).toBeUndefined();
    const top = startedEvent as ExecutionStartedEvent;
    expect(answerToParent(sending(top, at(9)), COMPLETED, null)).toBeUndefined();
  });
});

describe('a timer', () => {
  it('fires as it was created', () => {
    const from = sending(startedEvent as ExecutionStartedEvent, at(1));
    const { event, message } = dispatch(from, 0, { kind: 'timer', fireAt: at(60) });
    const other = dispatch(from, 0, { kind: 'timer', fireAt: at(61) });

    expect(answers(message, event)).toBe(true);
    expect(answers(other.message, event)).toBe(false);
  });
});
