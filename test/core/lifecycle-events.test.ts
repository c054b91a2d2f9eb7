import { describe, expect, it } from 'vitest';
import {
  continuedAsNewEvent,
  endedEvent,
  untoldEvents,
} from '../../src/core/lifecycle/lifecycle-events.ts';
import type { ExecutionStartedEvent, HistoryEvent } from '../../src/core/history-event.ts';
import { toExecutionId, toInstanceId } from '../../src/core/ids.ts';
import { OrchestrationState } from '../../src/core/orchestration-state.ts';
import { CLIENT_SENDER, type TaskMessage } from '../../src/core/task-message.ts';
import {
  at,
  eventRaised,
  orchestratorStarted,
  startedEvent,
  taskCompleted,
} from '../support/history.ts';

function stateOf(...events: readonly HistoryEvent[]): OrchestrationState {
  const state = new OrchestrationState(toInstanceId('inst'));
  for (const event of [orchestratorStarted(0), startedEvent, ...events]) state.append(event);
  return state;
}

/** A generation after the first one. */
function continued(): OrchestrationState {
  const state = new OrchestrationState(toInstanceId('inst'));
  state.append(orchestratorStarted(0));
  state.append({ ...startedEvent, Generation: null } as ExecutionStartedEvent);
  return state;
}

function completed(status: 'Completed' | 'Failed' | 'Terminated', result: string): HistoryEvent {
  return {
    EventType: 'ExecutionCompleted',
    EventId: 9,
    IsPlayed: false,
    Timestamp: at(9),
    OrchestrationStatus: status,
    Result: result,
    FailureDetails: null,
  };
}

function message(event: HistoryEvent, executionId: string | null = 'exec'): TaskMessage {
  return {
    event,
    target: {
      instanceId: toInstanceId('inst'),
      executionId: executionId === null ? null : toExecutionId(executionId),
    },
    sender: CLIENT_SENDER,
    episode: 0,
  };
}

describe('the end of an instance', () => {
  it.each([
    ['Completed', '"out"', ''],
    [
      'Failed',
      "Orchestrator function 'Orch' failed: the cause",
      'Message: the cause, StackTrace: ',
    ],
    ['Terminated', 'enough', 'enough'],
  ] as const)('%s has as its reason what the .NET extension says', (status, result, reason) => {
    expect(endedEvent(stateOf(completed(status, result)))).toMatchObject({ status, reason });
  });

  it('is not told of an instance that goes on', () => {
    expect(endedEvent(stateOf())).toBeUndefined();
  });
});

describe('messages that come again', () => {
  const running = stateOf(taskCompleted(0));
  const over = stateOf(taskCompleted(0), completed('Completed', '1'));
  const statuses = (state: OrchestrationState, ...repeated: readonly TaskMessage[]) =>
    untoldEvents(state, repeated).map(({ status }) => status);

  it('tell of the start when it is the start message', () => {
    expect(statuses(running, message(startedEvent))).toEqual(['Running']);
    expect(statuses(over, message(startedEvent))).toEqual(['Running', 'Completed']);
  });

  it('tell of the end when history holds them', () => {
    const again = { ...taskCompleted(0), Timestamp: at(60) };
    expect(statuses(over, message(taskCompleted(0)))).toEqual(['Completed']);
    expect(statuses(over, message(again))).toEqual(['Completed']);
  });

  it('tell nothing when they only came too late', () => {
    expect(statuses(over, message(taskCompleted(7)))).toEqual([]);
    expect(statuses(over, message(eventRaised('Late'), null))).toEqual([]);
    expect(statuses(running, message(taskCompleted(0)))).toEqual([]);
    expect(statuses(running, message(startedEvent, 'of another start'))).toEqual([]);
  });

  it('tell of the generation before, under the same key as the first time', () => {
    const [first, second] = untoldEvents(continued(), [message(taskCompleted(3), 'older')]);
    expect([first?.status, second?.status]).toEqual(['Completed', 'Running']);
    expect(second?.key).toBe('exec/Running');
    expect(first?.key).toBe(continuedAsNewEvent(running, at(0)).key.replace('exec', 'older'));
  });
});
