/**
 * What to do with a message that arrived, given the execution that history holds. Duplicates and early answers are daily life:
 * messages leave before the history that schedules them is committed, and come again when a delete was lost. When that history
 * is never committed, they answer requests that nobody made: see `answered-request.ts`.
 * Mirrors OrchestrationSession.IsOutOfOrderMessage and AzureStorageOrchestrationService.IsExecutableInstance.
 */
import { answeredStep, answers } from './answered-request.ts';
import type { EventRaisedEvent, HistoryEvent } from './history-event.ts';
import { isStepId } from './entity/request-id.ts';
import { isEntityId } from './ids.ts';
import type { OrchestrationState } from './orchestration-state.ts';
import { isStartMessage, type TaskMessage } from './task-message.ts';

export type Admission =
  | {
      readonly kind: 'accept';
      /** As history is to hold it. @default that of the message */
      readonly event?: HistoryEvent;
    }
  /** Begins a new execution, in place of the stored one if there is one. */
  | { readonly kind: 'start' }
  /** Its effects are in history already, or it is for an execution that is over: delete it. */
  | { readonly kind: 'discard'; readonly reason: string }
  /** It answers something that history does not hold yet: give it back. */
  | { readonly kind: 'early'; readonly reason: string };

/** After so many deliveries an answer that nothing asked for is not early, but lost. */
const LAST_EARLY_DELIVERY = 5;
/** The same for an answer that is older than the execution it met, and so hardly belongs to a later one: clocks may differ. */
const LAST_LATE_DELIVERY = 2;
/** The same for an entity's answer to a step that could not be stored and is to be run again: the entity will not repeat it. */
const LAST_DELIVERY_TO_REPEATED_STEP = 100;

const ACCEPT: Admission = { kind: 'accept' };

/** @param state what is stored (or being built) for the instance; undefined when it has no history. */
export function admit(
  state: OrchestrationState | undefined,
  message: TaskMessage,
  dequeueCount: number,
): Admission {
  if (isStartMessage(message)) return admitStart(state, message);
  const { executionId } = message.target;
  const earlyOrLost = (reason: string, lastDelivery = LAST_EARLY_DELIVERY): Admission =>
    dequeueCount > lastDelivery ? discard(reason) : { kind: 'early', reason };

  if (!state?.started) {
    return isAnswer(message)
      ? earlyOrLost('the instance has no history')
      : discard('the instance has no history');
  }
  if (executionId !== null && executionId !== state.executionId) {
    return earlyOrLost(
      `it is for execution ${executionId}, the current one is ${String(state.executionId)}`,
      isOlder(message, state.started) ? LAST_LATE_DELIVERY : LAST_EARLY_DELIVERY,
    );
  }
  if (state.isTerminal) return discard(`the instance is ${state.runtimeStatus}`);

  const { event } = message;
  switch (event.EventType) {
    case 'TaskCompleted':
    case 'TaskFailed':
    case 'SubOrchestrationInstanceCompleted':
    case 'SubOrchestrationInstanceFailed':
      return admitAnswer(state, message, event.TaskScheduledId, earlyOrLost);
    case 'TimerFired':
      return admitAnswer(state, message, event.TimerId, earlyOrLost);
    case 'EventRaised': {
      const isResponse = isEntityId(message.sender.instanceId) && !isEntityId(state.instanceId);
      return isResponse ? admitResponse(state, message, event, earlyOrLost) : ACCEPT;
    }
    default:
      return ACCEPT;
  }
}

function admitStart(state: OrchestrationState | undefined, message: TaskMessage): Admission {
  if (state?.started && state.executionId === message.target.executionId) {
    return discard('the execution has started already');
  }
  return { kind: 'start' };
}

function admitAnswer(
  state: OrchestrationState,
  message: TaskMessage,
  id: number,
  earlyOrLost: (reason: string) => Admission,
): Admission {
  if (state.hasAnswered(id)) return discard('history holds an answer to the task already');
  const request = state.requestOf(id);
  if (!request) return earlyOrLost('history does not hold the task that it answers');
  return answers(message, request) ? ACCEPT : discard('it answers a step that was not stored');
}

/** An answer to the first try of a step that was run again answers the request that history holds, which has another id. */
function admitResponse(
  state: OrchestrationState,
  message: TaskMessage,
  event: EventRaisedEvent,
  earlyOrLost: (reason: string, lastDelivery?: number) => Admission,
): Admission {
  const step = answeredStep(message) ?? event.Name;
  const id = state.hasSentRequest(event.Name) ? event.Name : state.requestOfStep(step);
  if (id === undefined) {
    return earlyOrLost(
      'history holds no request that this response answers',
      isStepId(step) ? LAST_DELIVERY_TO_REPEATED_STEP : LAST_EARLY_DELIVERY,
    );
  }
  if (state.hasAnsweredRequest(id)) {
    return discard('history holds an answer to the request already');
  }
  return id === event.Name ? ACCEPT : { kind: 'accept', event: { ...event, Name: id } };
}

function isOlder({ event }: TaskMessage, started: HistoryEvent): boolean {
  return Date.parse(event.Timestamp) < Date.parse(started.Timestamp);
}

function isAnswer(message: TaskMessage): boolean {
  switch (message.event.EventType) {
    case 'TaskCompleted':
    case 'TaskFailed':
    case 'SubOrchestrationInstanceCompleted':
    case 'SubOrchestrationInstanceFailed':
    case 'TimerFired':
      return true;
    case 'EventRaised':
      return isEntityId(message.sender.instanceId);
    default:
      return false;
  }
}

function discard(reason: string): Admission {
  return { kind: 'discard', reason };
}
