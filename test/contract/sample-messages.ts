/** Messages, events and commits for the contract suite, with literal values unless a test says otherwise. */
import { randomBytes } from 'node:crypto';
import type { OrchestrationCommit } from '../../src/core/commit.ts';
import type {
  EventRaisedEvent,
  ExecutionCompletedEvent,
  ExecutionStartedEvent,
  HistoryEvent,
  TaskCompletedEvent,
  TaskScheduledEvent,
  TimerFiredEvent,
} from '../../src/core/history-event.ts';
import {
  type ExecutionId,
  type InstanceId,
  toExecutionId,
  toInstanceId,
} from '../../src/core/ids.ts';
import type { InstancePatch } from '../../src/core/instance-status.ts';
import {
  type ActivityMessage,
  CLIENT_SENDER,
  type StartMessage,
  type TaskMessage,
} from '../../src/core/task-message.ts';

/** With 100 ns digits, as .NET writes them. */
export const TIMESTAMP = '2026-01-31T10:00:00.1234567Z';

export const id = toInstanceId;

function newExecutionId(): ExecutionId {
  return toExecutionId(randomBytes(16).toString('hex'));
}

export function start(
  instanceId: InstanceId,
  fields: Partial<ExecutionStartedEvent> & { readonly executionId?: ExecutionId } = {},
): StartMessage {
  const { executionId = newExecutionId(), ...event } = fields;
  return {
    event: {
      EventType: 'ExecutionStarted',
      EventId: -1,
      IsPlayed: false,
      Timestamp: TIMESTAMP,
      OrchestrationInstance: { InstanceId: instanceId, ExecutionId: executionId },
      ParentInstance: null,
      Name: 'HelloSequence',
      Version: '',
      Input: '"Tokyo"',
      Tags: null,
      Correlation: null,
      ParentTraceContext: null,
      ScheduledStartTime: null,
      Generation: 0,
      GenerateNewTrace: false,
      ...event,
    },
    target: { instanceId, executionId },
    sender: CLIENT_SENDER,
  };
}

export function eventRaised(
  instanceId: InstanceId,
  name: string,
  input: string | null = null,
): TaskMessage<EventRaisedEvent> {
  return {
    event: {
      EventType: 'EventRaised',
      EventId: -1,
      IsPlayed: false,
      Timestamp: TIMESTAMP,
      Name: name,
      Input: input,
      ParentTraceContext: null,
    },
    target: { instanceId, executionId: null },
    sender: CLIENT_SENDER,
  };
}

/** What an execution sends to itself or to its activities. */
function fromExecution<Event extends HistoryEvent>(
  { target: { instanceId, executionId } }: StartMessage,
  event: Event,
): TaskMessage<Event> {
  return {
    event,
    target: { instanceId, executionId },
    sender: { instanceId, executionId: executionId ?? '' },
    episode: 1,
    ...(event.EventType === 'TaskScheduled' ? { orchestrationTags: {} } : {}),
  };
}

export function taskScheduled(
  started: StartMessage,
  taskId: number,
  fields: Partial<TaskScheduledEvent> = {},
): ActivityMessage {
  return fromExecution(started, {
    EventType: 'TaskScheduled',
    EventId: taskId,
    IsPlayed: false,
    Timestamp: TIMESTAMP,
    Name: 'SayHello',
    Version: '',
    Input: '["Tokyo"]',
    ParentTraceContext: null,
    Tags: null,
    ...fields,
  });
}

export function taskCompleted(
  started: StartMessage,
  taskId: number,
  result = '"Hello Tokyo!"',
): TaskMessage<TaskCompletedEvent> {
  return fromExecution(started, {
    EventType: 'TaskCompleted',
    EventId: -1,
    IsPlayed: false,
    Timestamp: TIMESTAMP,
    TaskScheduledId: taskId,
    Result: result,
  });
}

export function timerFired(
  started: StartMessage,
  timerId: number,
  fireAtMs: number,
): TaskMessage<TimerFiredEvent> {
  return fromExecution(started, {
    EventType: 'TimerFired',
    EventId: -1,
    IsPlayed: false,
    Timestamp: TIMESTAMP,
    TimerId: timerId,
    FireAt: new Date(fireAtMs).toISOString(),
  });
}

export function orchestratorStarted(timestamp = TIMESTAMP): HistoryEvent {
  return { EventType: 'OrchestratorStarted', EventId: -1, IsPlayed: false, Timestamp: timestamp };
}

export function orchestratorCompleted(): HistoryEvent {
  return {
    EventType: 'OrchestratorCompleted',
    EventId: -1,
    IsPlayed: false,
    Timestamp: TIMESTAMP,
  };
}

export function executionCompleted(result: string | null): ExecutionCompletedEvent {
  return {
    EventType: 'ExecutionCompleted',
    EventId: 1,
    IsPlayed: false,
    Timestamp: TIMESTAMP,
    OrchestrationStatus: 'Completed',
    Result: result,
    FailureDetails: null,
  };
}

/** The first commit of an execution. */
export function firstCommit(
  started: StartMessage,
  fields: Partial<OrchestrationCommit> = {},
): OrchestrationCommit {
  return {
    instanceId: started.target.instanceId,
    executionId: executionIdOf(started),
    firstEventIndex: 0,
    newEvents: [orchestratorStarted(), started.event, orchestratorCompleted()],
    outbox: [],
    instance: runningPatch(started),
    replacesExecution: false,
    ...fields,
  };
}

/** The next commit, after `firstEventIndex` events. */
export function nextCommit(
  started: StartMessage,
  firstEventIndex: number,
  fields: Partial<OrchestrationCommit> = {},
): OrchestrationCommit {
  return firstCommit(started, {
    firstEventIndex,
    newEvents: [orchestratorStarted(), orchestratorCompleted()],
    instance: undefined,
    ...fields,
  });
}

export function runningPatch(started: StartMessage): InstancePatch {
  const { event } = started;
  return {
    executionId: executionIdOf(started),
    lastUpdatedTime: TIMESTAMP,
    customStatus: null,
    name: event.Name,
    version: event.Version,
    runtimeStatus: 'Running',
    input: event.Input,
    createdTime: event.Timestamp,
    tags: event.Tags,
    ...(event.Generation === null ? {} : { generation: event.Generation }),
  };
}

export function completedPatch(started: StartMessage, output: string | null): InstancePatch {
  return {
    executionId: executionIdOf(started),
    lastUpdatedTime: TIMESTAMP,
    customStatus: null,
    runtimeStatus: 'Completed',
    completedTime: TIMESTAMP,
    output,
  };
}

function executionIdOf({ target }: StartMessage): ExecutionId {
  if (target.executionId === null) throw new Error('A start addresses its own execution.');
  return target.executionId;
}
