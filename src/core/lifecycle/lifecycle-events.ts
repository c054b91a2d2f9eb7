/**
 * What the outside may be told of an instance: that it started, and how it ended. Each generation of an instance that continues
 * as new starts and completes, too. Mirrors what the .NET extension hands to ILifeCycleNotificationHelper.
 */
import { answeredId } from '../answered-request.ts';
import { parseEntityId } from '../entity/entity-id.ts';
import type { HistoryEvent } from '../history-event.ts';
import type { InstanceId } from '../ids.ts';
import type { OrchestrationState } from '../orchestration-state.ts';
import { isStartMessage, type TaskMessage } from '../task-message.ts';

export type LifecycleStatus = 'Running' | 'Completed' | 'Failed' | 'Terminated';

export interface LifecycleEvent {
  readonly instanceId: string;
  readonly functionName: string;
  readonly status: LifecycleStatus;
  /** Why it failed or was terminated; empty otherwise. */
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly time: string;
  /** Tells the event from all others of its instance; the same when it is told again after a crash. */
  readonly key: string;
}

/** @param state of an execution with its ExecutionStarted. */
export function startedEvent(state: OrchestrationState): LifecycleEvent {
  return toEvent(state, {
    status: 'Running',
    time: state.events[0]?.Timestamp ?? '',
    key: `${String(state.executionId)}/Running`,
  });
}

/** An entity got its first message; of its later life nothing is told. @param time ISO 8601, UTC. */
export function entityStartedEvent(
  instanceId: InstanceId,
  executionId: string,
  time: string,
): LifecycleEvent {
  const { name: functionName } = parseEntityId(instanceId);
  return {
    instanceId,
    functionName,
    status: 'Running',
    reason: '',
    time,
    key: `${executionId}/Running`,
  };
}

/** The end of a generation. @param time when the next one began. */
export function continuedAsNewEvent(state: OrchestrationState, time: string): LifecycleEvent {
  return toEvent(state, { status: 'Completed', time, key: continuedKey(state.executionId) });
}

/** undefined when the instance is not over. */
export function endedEvent(state: OrchestrationState): LifecycleEvent | undefined {
  const { completed } = state;
  const status = completed?.OrchestrationStatus;
  if (status !== 'Completed' && status !== 'Failed' && status !== 'Terminated') return undefined;
  const { Timestamp: time = '', Result: result = null } = completed ?? {};
  return toEvent(state, {
    status,
    reason: status === 'Failed' ? failureDetails(state, result) : terminationReason(status, result),
    time,
    // An instance that is rewound ends more than once.
    key: `${String(state.executionId)}/${status}/${Date.parse(time)}`,
  });
}

/** An instance that was terminated before it ran: it has no history. */
export function terminatedUnstartedEvent(
  row: { readonly instanceId: string; readonly name: string; readonly executionId: string | null },
  termination: { readonly reason: string | null; readonly time: string },
): LifecycleEvent {
  return {
    instanceId: row.instanceId,
    functionName: row.name,
    status: 'Terminated',
    reason: termination.reason ?? '',
    time: termination.time,
    key: `${row.executionId ?? ''}/Terminated`,
  };
}

/**
 * What may never have been told: messages that come again although their effects are stored say that a process died before it
 * deleted them, which it does only after it told.
 * @param state as read from storage. @param repeated messages that were discarded.
 */
export function untoldEvents(
  state: OrchestrationState,
  repeated: readonly TaskMessage[],
): readonly LifecycleEvent[] {
  // Starts of clients have a number; what is meant for the execution before such a start only comes too late.
  const isContinued = state.started?.Generation === null;
  const earlier = repeated.flatMap(({ target }) =>
    !isContinued || target.executionId === null || target.executionId === state.executionId
      ? []
      : [target.executionId],
  );
  const own = repeated.filter(
    ({ target }) => target.executionId === null || target.executionId === state.executionId,
  );
  const isNews = earlier.length > 0 || own.some((message) => isStartMessage(message));
  const hasEnded = earlier.length > 0 || own.some(({ event }) => isStored(state, event));
  const ended = hasEnded ? endedEvent(state) : undefined;
  return [
    ...[...new Set(earlier)].map((executionId) => endOfEarlier(state, executionId)),
    ...(isNews ? [startedEvent(state)] : []),
    ...(ended ? [ended] : []),
  ];
}

function endOfEarlier(state: OrchestrationState, executionId: string): LifecycleEvent {
  const time = state.events[0]?.Timestamp ?? '';
  return toEvent(state, { status: 'Completed', time, key: continuedKey(executionId) });
}

function continuedKey(executionId: string | undefined): string {
  return `${String(executionId)}/ContinuedAsNew`;
}

/** Whether history holds the event, or another answer to the same task, which ran again then: it has had its effect. */
function isStored(state: OrchestrationState, event: HistoryEvent): boolean {
  const id = answeredId(event);
  if (id !== undefined) return state.hasAnswered(id);
  return state.events.some(
    ({ EventType, Timestamp }) =>
      EventType === event.EventType && Date.parse(Timestamp) === Date.parse(event.Timestamp),
  );
}

/** The details of the failure in the .NET extension, which has its own sentence around the message in the output. */
function failureDetails({ started }: OrchestrationState, result: string | null): string {
  const prefix = `Orchestrator function '${started?.Name ?? ''}' failed: `;
  const message = result?.startsWith(prefix) ? result.slice(prefix.length) : (result ?? '');
  return `Message: ${message}, StackTrace: `;
}

function terminationReason(status: LifecycleStatus, result: string | null): string {
  return status === 'Terminated' ? (result ?? '') : '';
}

function toEvent(
  { instanceId, started }: OrchestrationState,
  event: Pick<LifecycleEvent, 'status' | 'time' | 'key'> & { readonly reason?: string },
): LifecycleEvent {
  return { instanceId, functionName: started?.Name ?? '', reason: '', ...event };
}
