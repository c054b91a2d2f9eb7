import { describe, expect, it } from 'vitest';
import { answerTags } from '../../src/core/answered-request.ts';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import { toExecutionId, toInstanceId } from '../../src/core/ids.ts';
import { admit } from '../../src/core/message-admission.ts';
import { OrchestrationState } from '../../src/core/orchestration-state.ts';
import { CLIENT_SENDER, type TaskMessage } from '../../src/core/task-message.ts';
import {
  activity,
  at,
  answered,
  Episodes,
  eventRaised,
  orchestratorStarted,
  startedEvent,
  taskCompleted,
  taskFailed,
  timerFired,
} from '../support/history.ts';

function message(
  event: HistoryEvent,
  executionId: string | null = 'exec',
  sender = '',
): TaskMessage {
  return {
    event,
    target: {
      instanceId: toInstanceId('inst'),
      executionId: executionId === null ? null : toExecutionId(executionId),
    },
    sender: { ...CLIENT_SENDER, instanceId: sender },
  };
}

function waitingForActivity(): OrchestrationState {
  const episodes = new Episodes();
  episodes.run(answered([activity('A')]));
  return episodes.execution.state;
}

function stateOf(...events: HistoryEvent[]): OrchestrationState {
  const state = new OrchestrationState(toInstanceId('inst'));
  for (const event of events) state.append(event);
  return state;
}

describe('an answer', () => {
  it('is accepted when history holds the task', () => {
    expect(admit(waitingForActivity(), message(taskCompleted(0)), 1)).toEqual({ kind: 'accept' });
  });

  it('is early when it comes before the history that schedules the task', () => {
    expect(admit(waitingForActivity(), message(taskCompleted(1)), 5).kind).toBe('early');
    expect(admit(undefined, message(timerFired(0, 1)), 1).kind).toBe('early');
  });

  it('is discarded once it was delivered more than five times', () => {
    expect(admit(waitingForActivity(), message(taskCompleted(1)), 6).kind).toBe('discard');
  });

  it('is discarded when history holds one already', () => {
    const state = waitingForActivity();
    state.append(taskCompleted(0));
    expect(admit(state, message(taskCompleted(0)), 1).kind).toBe('discard');
  });

  it('is discarded in the end when it is for another generation', () => {
    expect(admit(waitingForActivity(), message(taskCompleted(0), 'old'), 1).kind).toBe('early');
    expect(admit(waitingForActivity(), message(taskCompleted(0), 'old'), 6).kind).toBe('discard');
  });

  it('of an entity is early until history holds the request', () => {
    const state = waitingForActivity();
    const response = message(eventRaised('guid-1', '{}'), 'exec', '@counter@k');
    expect(admit(state, response, 1).kind).toBe('early');

    state.append({
      EventType: 'EventSent',
      EventId: 1,
      IsPlayed: false,
      Timestamp: '',
      InstanceId: '@counter@k',
      Name: 'op',
      Input: '{"op":"get","id":"GUID-1"}',
    });
    expect(admit(state, response, 1).kind).toBe('accept');

    state.append(response.event);
    expect(admit(state, response, 1).kind).toBe('discard');
  });
});

describe('an answer that knows its request', () => {
  const HEAD = { EventId: -1, IsPlayed: false, Timestamp: at(9) };
  const tags = (askedAt: string, name: string) => ({
    orchestrationTags: answerTags({ askedAt, name }),
  });
  const childCreated: HistoryEvent = {
    ...HEAD,
    EventId: 0,
    Timestamp: at(1),
    EventType: 'SubOrchestrationInstanceCreated',
    Name: 'Child',
    Version: '',
    InstanceId: 'exec:0',
    Input: null,
    ClientSpanId: null,
    Tags: null,
  };
  const childCompleted: HistoryEvent = {
    ...HEAD,
    EventType: 'SubOrchestrationInstanceCompleted',
    TaskScheduledId: 0,
    Result: '1',
  };
  const waitingForChild = () =>
    stateOf(orchestratorStarted(0), startedEvent, { ...childCreated, Timestamp: at(1) });
  const waitingForTimer = (fireAt: string) =>
    stateOf(orchestratorStarted(0), startedEvent, {
      ...HEAD,
      EventId: 0,
      EventType: 'TimerCreated',
      FireAt: fireAt,
    });
  const fired = (fireAt: string): HistoryEvent => ({
    ...HEAD,
    EventType: 'TimerFired',
    TimerId: 0,
    FireAt: fireAt,
  });

  it.each([
    ['its time and name', at(1), 'A', 'accept'],
    ['its time as a table has it', at(1).replace('Z', '0000Z'), 'A', 'accept'],
    ['another time', at(2), 'A', 'discard'],
    ['a time that differs by 100 ns', at(1).replace('Z', '0001Z'), 'A', 'discard'],
    ['another name', at(1), 'B', 'discard'],
  ])('of an activity with %s', (_, askedAt, name, kind) => {
    for (const event of [taskCompleted(0), taskFailed(0)]) {
      const answer = { ...message(event), ...tags(askedAt, name) };
      expect(admit(waitingForActivity(), answer, 1).kind).toBe(kind);
    }
  });

  it.each([
    [at(1), 'Child', 'accept'],
    [at(2), 'Child', 'discard'],
    [at(1), 'OtherChild', 'discard'],
  ])('of a sub-orchestration that was called at %s as %s', (askedAt, name, kind) => {
    const answer = { ...message(childCompleted), ...tags(askedAt, name) };
    expect(admit(waitingForChild(), answer, 1).kind).toBe(kind);
  });

  it('of a worker that tells neither is known by its id', () => {
    expect(admit(waitingForChild(), message(childCompleted), 1).kind).toBe('accept');
    expect(admit(waitingForActivity(), message(taskCompleted(0)), 1).kind).toBe('accept');
  });

  it.each([
    ['2026-01-01T00:00:05Z', 'accept'],
    ['2026-01-01T00:00:05.0000000Z', 'accept'],
    ['2026-01-01T01:00:05+01:00', 'accept'],
    ['2026-01-01T00:00:05.0000001Z', 'discard'],
    ['2026-01-01T00:00:06Z', 'discard'],
  ])('of a timer that fires at %s', (fireAt, kind) => {
    const state = waitingForTimer('2026-01-01T00:00:05.0000000Z');
    expect(admit(state, message(fired(fireAt)), 1).kind).toBe(kind);
  });

  it('is of no use to a request of another kind', () => {
    const timer = waitingForTimer(at(5));
    expect(admit(timer, message(taskCompleted(0)), 1).kind).toBe('discard');
    expect(admit(timer, message(childCompleted), 1).kind).toBe('discard');
    expect(admit(waitingForActivity(), message(fired(at(5))), 1).kind).toBe('discard');
  });

  it('is early while history holds no such request, and is judged when it does', () => {
    const state = stateOf(orchestratorStarted(0), startedEvent);
    const answer = { ...message(childCompleted), ...tags(at(2), 'Child') };
    expect(admit(state, answer, 1).kind).toBe('early');

    state.append(childCreated);

    expect(admit(state, answer, 2).kind).toBe('discard');
  });
});

describe('a start', () => {
  it('begins an execution where there is none, or another', () => {
    expect(admit(undefined, message(startedEvent), 1).kind).toBe('start');
    const other = message({ ...startedEvent }, 'other');
    expect(admit(stateOf(orchestratorStarted(0), startedEvent), other, 1).kind).toBe('start');
  });

  it('is discarded when its execution has started already', () => {
    const state = stateOf(orchestratorStarted(0), startedEvent);
    expect(admit(state, message(startedEvent), 2).kind).toBe('discard');
  });
});

describe('a message of a client', () => {
  it('reaches whatever generation is current', () => {
    expect(admit(waitingForActivity(), message(eventRaised('Go'), null), 1).kind).toBe('accept');
  });

  it('is discarded when there is no such instance, or it is finished', () => {
    const episodes = new Episodes();
    episodes.run(answered([], { isDone: true }));
    expect(admit(undefined, message(eventRaised('Go'), null), 1).kind).toBe('discard');
    expect(admit(episodes.execution.state, message(eventRaised('Go'), null), 1).kind).toBe(
      'discard',
    );
  });
});
