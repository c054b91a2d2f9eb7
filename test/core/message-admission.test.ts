import { describe, expect, it } from 'vitest';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import { toExecutionId, toInstanceId } from '../../src/core/ids.ts';
import { admit } from '../../src/core/message-admission.ts';
import { OrchestrationState } from '../../src/core/orchestration-state.ts';
import { CLIENT_SENDER, type TaskMessage } from '../../src/core/task-message.ts';
import {
  activity,
  answered,
  Episodes,
  eventRaised,
  orchestratorStarted,
  startedEvent,
  taskCompleted,
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
