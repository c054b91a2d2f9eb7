/**
 * What an entity does with the messages that arrived: which requests run now, and what follows from running them. Each batch
 * ends in a new execution whose input is the new state; nothing else of an entity's past is kept.
 * Mirrors TaskEntityShim and EntityScheduler of the .NET extension.
 */
import type { OrchestrationCommit } from '../commit.ts';
import type { EventRaisedEvent, HistoryEvent } from '../history-event.ts';
import { toGuid } from '../guid.ts';
import { toExecutionId, toInstanceId, type InstanceId } from '../ids.ts';
import type { TaskMessage } from '../task-message.ts';
import { entityInstanceId } from './entity-id.ts';
import {
  decodeRequest,
  encodeRequest,
  encodeResponse,
  type EntityRequest,
} from './request-message.ts';
import { encodeSchedulerState, entityStatus, type SchedulerState } from './scheduler-state.ts';

export interface EntityContext {
  readonly instanceId: InstanceId;
  /** Of the execution that is stored; null for an entity that was never used. */
  readonly executionId: string | null;
  readonly nowMs: number;
  readonly newId: () => string;
}

/** An operation's request that is due later than this is put off again. */
const EARLY_MS = 100;
const LONGEST_DELAY_MS = 6 * 24 * 60 * 60 * 1000;

export interface ReceivedEvents {
  readonly state: SchedulerState;
  /** Requests that came before their time, sent again. */
  readonly outbox: readonly TaskMessage[];
  /** Events that no entity understands, with the reason. */
  readonly rejected: readonly { readonly event: HistoryEvent; readonly reason: string }[];
}

/** Takes events into the entity's queue, in order and without duplicates. */
export function receiveEvents(
  state: SchedulerState,
  events: readonly HistoryEvent[],
  context: EntityContext,
): ReceivedEvents {
  const queue = [...state.queue];
  const outbox: TaskMessage[] = [];
  const rejected: { event: HistoryEvent; reason: string }[] = [];
  let { lockedBy } = state;
  for (const event of events) {
    if (event.EventType !== 'EventRaised') {
      rejected.push({ event, reason: 'entities take no such messages' });
    } else if (event.Name === 'release') {
      if (lockedBy !== null && event.Input?.includes(JSON.stringify(lockedBy))) lockedBy = null;
    } else if (event.Name.startsWith('op')) {
      const { requests, postponed, problem } = receiveRequest(state, event, context);
      queue.push(...requests);
      if (postponed) outbox.push(postponed);
      if (problem !== undefined) rejected.push({ event, reason: problem });
    }
  }
  return { state: { ...state, queue, lockedBy }, outbox, rejected };
}

function receiveRequest(
  state: SchedulerState,
  event: EventRaisedEvent,
  context: EntityContext,
): {
  readonly requests: readonly EntityRequest[];
  readonly postponed?: TaskMessage;
  readonly problem?: string;
} {
  let request: EntityRequest;
  try {
    request = decodeRequest(event.Input);
  } catch (error) {
    return { requests: [], problem: error instanceof Error ? error.message : String(error) };
  }
  if (request.lockSet) {
    return {
      requests: [],
      problem: 'locks of entities (critical sections) are not supported by this version',
    };
  }
  if (request.due !== null) {
    const dueMs = Date.parse(request.due);
    if (dueMs > context.nowMs + EARLY_MS) {
      return { requests: [], postponed: postpone(event, dueMs, context) };
    }
    return { requests: [request] };
  }
  return { requests: state.sorter.receive(request) };
}

function postpone(event: EventRaisedEvent, dueMs: number, context: EntityContext): TaskMessage {
  const nextMs = Math.min(dueMs, context.nowMs + LONGEST_DELAY_MS);
  return toInstance(context, context.instanceId, null, {
    name: `op@${new Date(nextMs).toISOString()}`,
    input: event.Input,
  });
}

/** The answers of one batch, as the invoker gives them. */
export interface BatchOutcome {
  readonly exists: boolean;
  readonly state: string | null;
  readonly results: readonly { readonly isError: boolean; readonly result: string | null }[];
  readonly signals: readonly {
    readonly targetName: string;
    readonly targetKey: string;
    readonly operation: string;
    readonly input: string | null;
  }[];
}

/** What follows from a batch that ran: the new state, the answers to callers, the signals sent. */
export function applyBatch(
  state: SchedulerState,
  batch: readonly EntityRequest[],
  outcome: BatchOutcome,
  context: EntityContext,
): { readonly state: SchedulerState; readonly outbox: readonly TaskMessage[] } {
  const answers = batch.flatMap((request, index) => {
    if (request.isSignal || request.parentInstanceId === null) return [];
    const result = outcome.results[index] ?? { isError: false, result: null };
    return toInstance(context, toInstanceId(request.parentInstanceId), request.parentExecutionId, {
      name: request.id,
      input: encodeResponse(result),
    });
  });
  const signals = outcome.signals.map((signal) => {
    const target = entityInstanceId({ name: signal.targetName, key: signal.targetKey });
    return toInstance(context, target, null, {
      name: 'op',
      input: encodeRequest({
        operation: signal.operation,
        isSignal: true,
        input: signal.input,
        id: toGuid(context.newId()),
        parentInstanceId: context.instanceId,
        parentExecutionId: null,
        due: null,
        ...state.sorter.stamp(target, context.nowMs),
      }),
    });
  });
  return {
    state: {
      ...state,
      queue: state.queue.slice(batch.length),
      exists: outcome.exists,
      state: outcome.state,
    },
    outbox: [...answers, ...signals],
  };
}

/** The commit that stores the entity's new state as a new execution. */
export function entityCommit(
  state: SchedulerState,
  outbox: readonly TaskMessage[],
  context: EntityContext,
): OrchestrationCommit {
  const now = new Date(context.nowMs).toISOString();
  const executionId = toExecutionId(context.newId());
  const input = encodeSchedulerState(state);
  const common = { EventId: -1, IsPlayed: false, Timestamp: now } as const;
  return {
    instanceId: context.instanceId,
    executionId,
    firstEventIndex: 0,
    newEvents: [
      { ...common, EventType: 'OrchestratorStarted' },
      {
        ...common,
        IsPlayed: true,
        EventType: 'ExecutionStarted',
        OrchestrationInstance: { InstanceId: context.instanceId, ExecutionId: executionId },
        ParentInstance: null,
        Name: context.instanceId,
        Version: '',
        Input: input,
        Tags: null,
        Correlation: null,
        ParentTraceContext: null,
        ScheduledStartTime: null,
        Generation: null,
        GenerateNewTrace: false,
      },
      { ...common, IsPlayed: true, EventType: 'OrchestratorCompleted' },
    ],
    outbox,
    instance: {
      executionId,
      lastUpdatedTime: now,
      customStatus: entityStatus(state),
      name: context.instanceId,
      version: '',
      runtimeStatus: 'Running',
      createdTime: now,
      tags: null,
      input,
    },
    replacesExecution: context.executionId !== null,
  };
}

function toInstance(
  context: EntityContext,
  instanceId: InstanceId,
  executionId: string | null,
  event: { readonly name: string; readonly input: string | null },
): TaskMessage {
  return {
    event: {
      EventType: 'EventRaised',
      EventId: -1,
      IsPlayed: false,
      Timestamp: new Date(context.nowMs).toISOString(),
      Name: event.name,
      Input: event.input,
      ParentTraceContext: null,
    },
    target: { instanceId, executionId: executionId === null ? null : toExecutionId(executionId) },
    sender: { instanceId: context.instanceId, executionId: context.executionId },
    episode: 1,
  };
}
