/**
 * What an entity does with its queue: which requests run now, and what follows from running them. Each batch ends in a new
 * execution whose input is the new state; nothing else of an entity's past is kept.
 * Mirrors DurableTaskExtension.EntityMiddleware and TaskEntityShim.
 */
import type { W3cTrace } from '../../base/w3c-trace.ts';
import type { OrchestrationCommit } from '../commit.ts';
import { toExecutionId, toInstanceId } from '../ids.ts';
import type { TaskMessage } from '../task-message.ts';
import { toTraceContext } from '../trace-context.ts';
import { entityInstanceId } from './entity-id.ts';
import { answerMessage, entityMessage, type EntityContext } from './entity-message.ts';
import { lastingId, stepIdOf } from './request-id.ts';
import { encodeRequest, encodeResponse, type EntityRequest } from './request-message.ts';
import {
  encodeSchedulerState,
  entityStatus,
  mayRun,
  type SchedulerState,
} from './scheduler-state.ts';

/** What the entity does next: one call of its function, or a step of a lock. After `reserveLock` the state has to be stored. */
export type EntityStep =
  | { readonly kind: 'operations'; readonly requests: readonly EntityRequest[] }
  | { readonly kind: 'reserveLock' | 'lock'; readonly request: EntityRequest };

/** @returns undefined when nothing may run: the queue is empty, or others hold the lock. */
export function nextStep(state: SchedulerState, maxOperations: number): EntityStep | undefined {
  const [head] = state.queue;
  if (!head || !mayRun(state)) return undefined;
  const { queue, lockedBy } = state;
  if (head.lockSet) {
    const { parentInstanceId: owner } = head;
    return { kind: owner === lockedBy || owner === null ? 'lock' : 'reserveLock', request: head };
  }
  const end = queue.findIndex(
    ({ lockSet, parentInstanceId }, index) =>
      index === maxOperations ||
      lockSet !== undefined ||
      (lockedBy !== null && parentInstanceId !== lockedBy),
  );
  return { kind: 'operations', requests: end < 0 ? queue : queue.slice(0, end) };
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
    /** Index in the batch of the operation that sent it. @default 0, for a batch that ran as a whole */
    readonly sentBy?: number;
  }[];
  /** Of each operation of the batch the span of its run, above the signals that it sent. @default none */
  readonly traces?: readonly (W3cTrace | undefined)[];
}

/** What follows from a batch that ran: the new state, the answers to callers, the signals sent. */
export function applyBatch(
  state: SchedulerState,
  batch: readonly EntityRequest[],
  outcome: BatchOutcome,
  context: EntityContext,
): { readonly state: SchedulerState; readonly outbox: readonly TaskMessage[] } {
  const answers = batch.flatMap(
    (request, index) =>
      answerCaller(request, outcome.results[index] ?? { isError: false, result: null }, context) ??
      [],
  );
  const firstOf = new Map<number, number>();
  const signals = outcome.signals.map((signal, index) => {
    const { sentBy = 0 } = signal;
    const first = firstOf.get(sentBy) ?? index;
    firstOf.set(sentBy, first);
    // Programs that write to queues themselves may give no ids.
    const request = batch[sentBy];
    const cause = (request && lastingId(request)) || context.newId();
    const origin = { cause, index: index - first, trace: outcome.traces?.[sentBy] };
    return signalMessage(state, signal, origin, context);
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

function signalMessage(
  { sorter }: SchedulerState,
  { targetName, targetKey, operation, input }: BatchOutcome['signals'][number],
  {
    trace,
    ...origin
  }: { readonly cause: string; readonly index: number; readonly trace: W3cTrace | undefined },
  context: EntityContext,
): TaskMessage {
  const target = entityInstanceId({ name: targetName, key: targetKey });
  return entityMessage(
    context,
    { instanceId: target, executionId: null },
    {
      name: 'op',
      input: encodeRequest({
        operation,
        isSignal: true,
        input,
        id: stepIdOf({ ...origin, target, operation, input }),
        parentInstanceId: context.instanceId,
        parentExecutionId: null,
        due: null,
        ...sorter.stamp(target, context.nowMs),
        ...(trace ? { trace: toTraceContext(trace) } : {}),
      }),
    },
  );
}

/** The answer to a request; undefined for signals, which nobody waits for. */
export function answerCaller(
  request: EntityRequest,
  response: { readonly isError: boolean; readonly result: string | null },
  context: EntityContext,
): TaskMessage | undefined {
  const { parentInstanceId } = request;
  if (request.isSignal || parentInstanceId === null) return undefined;
  const asker = toInstanceId(parentInstanceId);
  return answerMessage(request, asker, encodeResponse(response), context);
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
      parentInstanceId: null,
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
