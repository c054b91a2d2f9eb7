/** Judges each message of a work item against what is stored, and asks for the status row only where history cannot tell. */
import { answeredId } from '../../core/answered-request.ts';
import { admit } from '../../core/message-admission.ts';
import type { ExecutionStartedEvent, HistoryEvent } from '../../core/history-event.ts';
import {
  terminatedUnstartedEvent,
  type LifecycleEvent,
} from '../../core/lifecycle/lifecycle-events.ts';
import { isTerminal, type InstanceRecord } from '../../core/instance-status.ts';
import { OrchestrationState } from '../../core/orchestration-state.ts';
import { reachesChildren } from '../../core/lifecycle/steer-children.ts';
import { isStartMessage, type StartMessage, type TaskMessage } from '../../core/task-message.ts';
import type { DeliveredMessage, TaskHubBackend } from '../backend.ts';
import { isSameCall, judgeRepeatedStart } from './repeated-start.ts';

export interface AdmittedMessages {
  /** Begins a new execution. */
  readonly start: StartMessage | undefined;
  /** What is appended to the execution. */
  readonly events: readonly HistoryEvent[];
  /** To be deleted once all is committed; the discarded ones included. */
  readonly consumed: readonly DeliveredMessage[];
  /** To be given back. */
  readonly deferred: readonly DeliveredMessage[];
  readonly discarded: readonly { readonly message: TaskMessage; readonly reason: string }[];
  /** The end of an instance that was terminated before it ran. */
  readonly terminated: LifecycleEvent | undefined;
}

/** A start that cannot be matched with its status row is given up after so many deliveries. */
const LAST_START_DELIVERY = 10;
/** The same when the row is about a later start: long enough for a client that is just writing the row, and for clocks. */
const LAST_OVERTAKEN_START_DELIVERY = 3;

export async function admitMessages(
  stored: OrchestrationState | undefined,
  messages: readonly DeliveredMessage[],
  context: { readonly backend: TaskHubBackend; readonly now: string },
): Promise<AdmittedMessages> {
  const events: HistoryEvent[] = [];
  const consumed: DeliveredMessage[] = [];
  const deferred: DeliveredMessage[] = [];
  const discarded: { message: TaskMessage; reason: string }[] = [];
  const answered = new Set<number>();
  let start: StartMessage | undefined;
  /** What the start begins: it has asked for nothing yet, and what answers it all the same came of a step that was not stored. */
  let begun: OrchestrationState | undefined;
  let terminated: LifecycleEvent | undefined;
  const discard = (delivered: DeliveredMessage, reason: string): void => {
    consumed.push(delivered);
    discarded.push({ message: delivered.message, reason });
  };

  for (const delivered of startsFirst(messages)) {
    const { message, dequeueCount } = delivered;
    if (start && stored?.started && isForPredecessor(start, message)) {
      discard(delivered, 'the instance was started anew');
      continue;
    }
    const isOfStart = start !== undefined && belongsToStart(start, message);
    const admission = admit(isOfStart ? begun : stored, message, dequeueCount);
    switch (admission.kind) {
      case 'accept': {
        // A start takes the place of the stored execution: what is meant for that one comes too late.
        if (start && !isOfStart) {
          discard(delivered, 'the instance was started anew');
          break;
        }
        const id = answeredId(message.event);
        if (id !== undefined && answered.has(id)) {
          discard(delivered, 'another answer to the task came with it');
          break;
        }
        if (id !== undefined) answered.add(id);
        events.push(admission.event ?? message.event);
        consumed.push(delivered);
        break;
      }
      case 'start': {
        if (start || !isStartMessage(message)) {
          deferred.push(delivered);
          break;
        }
        const verdict = await judgeStart(delivered, message, stored?.started, context.backend);
        if (verdict === 'accept') {
          start = message;
          begun = new OrchestrationState(message.target.instanceId);
          begun.append(message.event);
          consumed.push(delivered);
        } else if (verdict === 'defer') {
          deferred.push(delivered);
        } else {
          discard(delivered, verdict.reason);
        }
        break;
      }
      case 'discard':
        if (!isOfStart && !stored?.started) {
          if (overtakesStart(delivered)) {
            deferred.push(delivered);
            break;
          }
          if (message.event.EventType === 'ExecutionTerminated') {
            terminated = await terminateUnstarted(message, context);
          } else if (await isYetToStart(message, context.backend)) {
            deferred.push(delivered);
            break;
          }
        }
        discard(delivered, admission.reason);
        break;
      case 'early':
        deferred.push(delivered);
        break;
    }
  }
  return { start, events, consumed, deferred, discarded, terminated };
}

function startsFirst(messages: readonly DeliveredMessage[]): DeliveredMessage[] {
  const starts = messages.filter(({ message }) => isStartMessage(message));
  return starts.length === 0
    ? [...messages]
    : [...starts, ...messages.filter(({ message }) => !isStartMessage(message))];
}

function belongsToStart(start: StartMessage, message: TaskMessage): boolean {
  const { executionId } = message.target;
  return (
    !isStartMessage(message) && (executionId === null || executionId === start.target.executionId)
  );
}

/** What a parent passes on to a child may come before the child's start. */
function overtakesStart({ message, dequeueCount }: DeliveredMessage): boolean {
  const isFromParent = message.sender.instanceId !== '';
  return isFromParent && reachesChildren(message) && dequeueCount < LAST_START_DELIVERY;
}

/** A request to terminate that was sent before the start is for the execution that the start replaces. */
function isForPredecessor(start: StartMessage, { event }: TaskMessage): boolean {
  return (
    event.EventType === 'ExecutionTerminated' &&
    Date.parse(event.Timestamp) < Date.parse(start.event.Timestamp)
  );
}

/**
 * Whether a start of a client is the one that its status row is about. Mirrors
 * AzureStorageOrchestrationService's de-duplication of ExecutionStarted messages.
 */
async function judgeStart(
  delivered: DeliveredMessage,
  message: StartMessage,
  ran: ExecutionStartedEvent | undefined,
  backend: TaskHubBackend,
): Promise<'accept' | 'defer' | { readonly reason: string }> {
  const { event, target } = message;
  const { ParentInstance: call } = event;
  if (call !== null) {
    const before = ran?.ParentInstance;
    if (!before || !isSameCall(call, before)) return 'accept';
    const verdict = await judgeRepeatedStart(call, before, backend);
    if (verdict !== 'defer') return verdict;
    // The parent is to come to know of it; should it never, no harm is done.
    return delivered.dequeueCount >= LAST_START_DELIVERY ? 'accept' : 'defer';
  }
  // A scheduled start may have been terminated while it waited.
  if (delivered.hasNoHistory && event.ScheduledStartTime === null) return 'accept';
  const row = await backend.findInstance(target.instanceId);
  if (row && isSameExecution(row, target.executionId)) {
    return isTerminal(row.runtimeStatus)
      ? { reason: `the instance was ${row.runtimeStatus} before it started` }
      : 'accept';
  }
  if (row && row.generation !== null && row.generation === event.Generation) {
    const isLater = Date.parse(row.createdTime) < Date.parse(event.Timestamp);
    if (isLater && row.runtimeStatus === 'Pending') {
      return { reason: 'another start of the same instance came first' };
    }
  }
  const isOvertaken =
    row !== undefined && Date.parse(row.createdTime) > Date.parse(event.Timestamp);
  const lastDelivery = isOvertaken ? LAST_OVERTAKEN_START_DELIVERY : LAST_START_DELIVERY;
  return delivered.dequeueCount >= lastDelivery
    ? { reason: 'its status row was never written, or is about another start' }
    : 'defer';
}

function isSameExecution(row: InstanceRecord, executionId: string | null): boolean {
  return row.executionId === null || row.executionId.toLowerCase() === executionId?.toLowerCase();
}

/** An event, say, may overtake a start that waits for its time, or that comes again because its first commit failed. */
async function isYetToStart(message: TaskMessage, backend: TaskHubBackend): Promise<boolean> {
  const { instanceId, executionId } = message.target;
  const row = await backend.findInstance(instanceId);
  if (row?.runtimeStatus !== 'Pending') return false;
  return executionId === null || isSameExecution(row, executionId);
}

/**
 * An instance that is terminated before its start message is processed has only a status row.
 * @returns its end, also when the message came before and wrote the row then.
 */
async function terminateUnstarted(
  message: TaskMessage,
  context: { readonly backend: TaskHubBackend; readonly now: string },
): Promise<LifecycleEvent | undefined> {
  const { instanceId } = message.target;
  const row = await context.backend.findInstance(instanceId);
  if (!row) return undefined;
  const time = message.event.Timestamp;
  const reason = message.event.EventType === 'ExecutionTerminated' ? message.event.Input : null;
  const event = terminatedUnstartedEvent(row, { reason, time });
  if (isTerminal(row.runtimeStatus)) {
    const isRepeated =
      row.runtimeStatus === 'Terminated' && Date.parse(row.lastUpdatedTime) === Date.parse(time);
    return isRepeated ? event : undefined;
  }
  await context.backend.repairInstance({
    instanceId,
    instance: {
      executionId: row.executionId ?? '',
      lastUpdatedTime: time,
      customStatus: row.customStatus,
      runtimeStatus: 'Terminated',
      completedTime: context.now,
      output: reason,
    },
  });
  return event;
}
