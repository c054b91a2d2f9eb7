/** The events of a stored history that engines write, for tests that need no orchestrator: what was scheduled, steered, ended. */
import type {
  ExecutionStartedEvent,
  HistoryEvent,
  OrchestrationStatus,
} from '../../src/core/history-event.ts';
import { toInstanceId } from '../../src/core/ids.ts';
import { OrchestrationState } from '../../src/core/orchestration-state.ts';
import type { ScheduledEvent } from '../../src/core/replay/scheduled.ts';
import { at, startedEvent } from './history.ts';

const common = { EventId: -1, IsPlayed: false, Timestamp: at(0) } as const;

/** An ExecutionStarted of the instance `inst`, as of `startedEvent`. */
export function started(changes: Partial<ExecutionStartedEvent> = {}): ExecutionStartedEvent {
  return { ...(startedEvent as ExecutionStartedEvent), ...changes };
}

export function taskScheduled(id: number, name = 'A', seconds = 0): ScheduledEvent {
  return {
    ...common,
    EventType: 'TaskScheduled',
    EventId: id,
    Timestamp: at(seconds),
    Name: name,
    Version: '',
    Input: '[null]',
    ParentTraceContext: null,
    Tags: null,
  };
}

export function timerCreated(id: number, seconds: number): ScheduledEvent {
  return { ...common, EventType: 'TimerCreated', EventId: id, FireAt: at(seconds) };
}

export function childCreated(id: number, instanceId = `child-${id}`, name = 'Child') {
  return {
    ...common,
    EventType: 'SubOrchestrationInstanceCreated' as const,
    EventId: id,
    Name: name,
    Version: '',
    InstanceId: instanceId,
    Input: null,
    ClientSpanId: null,
    Tags: null,
  };
}

export function childCompleted(id: number, result = '"ok"'): HistoryEvent {
  return {
    ...common,
    EventType: 'SubOrchestrationInstanceCompleted',
    TaskScheduledId: id,
    Result: result,
  };
}

export function eventSent(
  id: number,
  instanceId: string,
  input: string | null,
  name = 'op',
): ScheduledEvent {
  return {
    ...common,
    EventType: 'EventSent',
    EventId: id,
    InstanceId: instanceId,
    Name: name,
    Input: input,
  };
}

export function executionCompleted(
  status: OrchestrationStatus = 'Completed',
  result: string | null = null,
): HistoryEvent {
  return {
    ...common,
    EventType: 'ExecutionCompleted',
    OrchestrationStatus: status,
    Result: result,
    FailureDetails: null,
  };
}

export function terminated(reason: string | null = null, seconds = 0): HistoryEvent {
  return { ...common, EventType: 'ExecutionTerminated', Timestamp: at(seconds), Input: reason };
}

export function suspended(reason: string | null = null): HistoryEvent {
  return { ...common, EventType: 'ExecutionSuspended', Reason: reason };
}

export function resumed(reason: string | null = null): HistoryEvent {
  return { ...common, EventType: 'ExecutionResumed', Reason: reason };
}

export function stateOf(...events: readonly HistoryEvent[]): OrchestrationState {
  const state = new OrchestrationState(toInstanceId('inst'));
  for (const event of events) state.append(event);
  return state;
}
