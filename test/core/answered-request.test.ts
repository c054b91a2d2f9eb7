import { describe, expect, it } from 'vitest';
import { answers, answerTags, requestOf } from '../../src/core/answered-request.ts';
import type {
  ExecutionCompletedEvent,
  ExecutionStartedEvent,
} from '../../src/core/history-event.ts';
import { toExecutionId, toInstanceId } from '../../src/core/ids.ts';
import { answerToParent, dispatch, type Sending } from '../../src/core/outbox.ts';
import type { ActivityMessage, StartMessage, TaskMessage } from '../../src/core/task-message.ts';
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

function callActivity(now: string, tags: Record<string, string> | null = null) {
  const call = { kind: 'activity' as const, name: 'Work', version: '', input: '[1]' };
  const started = { ...(startedEvent as ExecutionStartedEvent), Tags: tags };
  const { event, message } = dispatch(sending(started, now), 3, call);
  return { request: event, message: message as ActivityMessage };
}

function answerOf(message: ActivityMessage): TaskMessage {
  const { Timestamp } = COMPLETED;
  const event = { EventType: 'TaskCompleted' as const, EventId: -1, IsPlayed: false, Timestamp };
  return {
    ...message,
    event: { ...event, TaskScheduledId: 3, Result: '1' },
    orchestrationTags: answerTags(requestOf(message)),
  };
}

describe('the answer of an activity', () => {
  it('is to the request that we recorded, and to no other of the same id', () => {
    const { request, message } = callActivity(at(1), { askedAt: 'a tag of the user', other: '1' });

    expect(answers(answerOf(message), request)).toBe(true);
    expect(answers(answerOf(message), callActivity(at(2)).request)).toBe(false);
    expect(message.orchestrationTags).toMatchObject({ other: '1' });
  });

  it('is told by id and name alone when a .NET engine asked: it sends another time than it records', () => {
    const { request, message } = callActivity('2026-11-29T00:56:54.5001449Z');
    const event = { ...message.event, Timestamp: '2026-11-29T00:56:54.4999566Z' };
    for (const orchestrationTags of [{}, { askedAt: 'a tag of the user' }]) {
      const answer = answerOf({ ...message, event, orchestrationTags });

      expect(answers(answer, request)).toBe(true);
      expect(answers(answer, { ...request, Name: 'Other' } as typeof request)).toBe(false);
    }
  });
});
