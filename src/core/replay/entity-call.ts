/**
 * `callEntity` and `signalEntity`: an event sent to the entity; a call then waits for an event named by the request's id.
 * The request is stored whole in EventSent, so a replay takes the id from there: other engines may make it differently.
 * Mirrors DurableOrchestrationContext.CallEntityAsync / SignalEntity and RequestMessage.
 */
import {
  checkStoredEntityId,
  entityInstanceId,
  parseEntityId,
  type EntityId,
} from '../entity/entity-id.ts';
import { optionalText, parseRecord } from '../../base/json.ts';
import { stepIdOf } from '../entity/request-id.ts';
import { encodeRequest, type RequestTraceMembers } from '../entity/request-message.ts';
import { UNSET_TIME } from '../entity/tick-time.ts';
import { InvalidInputError } from '../errors.ts';
import type { EventSentEvent } from '../history-event.ts';
import type { InstanceId } from '../ids.ts';
import { checkInput } from './check-input.ts';
import { DurableTask } from './durable-task.ts';
import type { ScheduledEvent, SendingTrace } from './scheduled.ts';
import { ReplayFailure } from './replay-failure.ts';
import type { ReplayScope } from './scope.ts';
import { traceRequest } from '../trace-context.ts';

export interface EntityAction {
  /** `@name@key` */
  readonly entityId: string;
  readonly operation: string;
  readonly input: unknown;
}

export function startEntityCall(scope: ReplayScope, action: EntityAction): DurableTask {
  const task = new DurableTask();
  let requestId = '';
  let isWaiting = false;
  const waitForAnswer = (): void => {
    isWaiting = true;
    scope.awaitEvent(requestId, (input) => {
      task.settle(isErrorResponse(input) ? 'failed' : 'succeeded');
    });
  };
  requestId = sendRequest(scope, action, { isSignal: false, fireAt: null }, (event) => {
    requestId = requestIdOf(event) ?? requestId;
    if (!isWaiting) waitForAnswer();
  });
  return task;
}

export function startEntitySignal(
  scope: ReplayScope,
  action: EntityAction & { readonly fireAt: string | null },
): DurableTask {
  sendRequest(scope, action, { isSignal: true, fireAt: action.fireAt });
  return DurableTask.settled();
}

/** @returns the id of the request, unless history holds another one. */
function sendRequest(
  scope: ReplayScope,
  action: EntityAction,
  request: { readonly isSignal: boolean; readonly fireAt: string | null },
  recorded?: (event: ScheduledEvent) => void,
): string {
  const { operation } = action;
  // As in the .NET extension, null is no input: the operation finds undefined.
  const isNothing = action.input === undefined || action.input === null;
  const input = isNothing ? null : JSON.stringify(action.input);
  checkInput(scope.limits, input, () => `The input of '${operation}' for ${action.entityId}`);
  const { executionId, upcomingId: index } = scope;
  const cause = executionId;
  const instanceId = addressee(scope, () => parseEntityId(action.entityId));
  const id = scope.newRequestId();
  scope.schedule(
    {
      kind: 'sendEvent',
      instanceId,
      eventName: request.fireAt === null ? 'op' : `op@${request.fireAt}`,
      input: (sending) =>
        encodeRequest({
          operation,
          isSignal: request.isSignal,
          input,
          id,
          parentInstanceId: scope.instanceId,
          parentExecutionId: executionId,
          due: request.fireAt,
          // Scheduled signals are not ordered, as in MessageSorter.LabelOutgoingMessage.
          ...(request.fireAt === null ? scope.stampRequest(instanceId) : {}),
          stepId: stepIdOf({ cause, index, target: instanceId, operation, input }),
          ...traceMembers(sending, request.isSignal),
        }),
    },
    recorded,
  );
  return id;
}

/** A signal has a span of its own, which its sender makes; that of a call is made by the entity, which knows when it is over. */
function traceMembers(
  { trace, newSpanId, now }: SendingTrace,
  isSignal: boolean,
): RequestTraceMembers {
  const traced = traceRequest(trace, isSignal ? newSpanId : undefined);
  return traced ? { trace: traced.context, requestTime: now } : {};
}

/** @throws {ReplayFailure} when there can be no such entity: the request would never be answered. */
export function addressee(scope: ReplayScope, entity: () => EntityId): InstanceId {
  try {
    const { name, key } = entity();
    scope.checkFunction('entity', name);
    const instanceId = entityInstanceId({ name, key });
    checkStoredEntityId(instanceId, scope.limits);
    return instanceId;
  } catch (error) {
    throw error instanceof InvalidInputError ? new ReplayFailure(error.message) : error;
  }
}

/** The id of the request that an EventSent holds. */
export function requestIdOf(event: ScheduledEvent): string | undefined {
  return event.EventType === 'EventSent' ? memberOf(event.Input, 'id') : undefined;
}

/** The step id of the request that an EventSent holds; undefined for one that has none. */
export function stepIdIn(event: ScheduledEvent): string | undefined {
  return event.EventType === 'EventSent' ? memberOf(event.Input, 'stepId') : undefined;
}

/** The stamp of the request that an EventSent holds; undefined for one that bears none. */
export function stampOf(event: EventSentEvent): string | undefined {
  const stamp = memberOf(event.Input, 'Timestamp');
  return stamp === UNSET_TIME ? undefined : stamp;
}

function memberOf(request: string | null, name: 'id' | 'stepId' | 'Timestamp'): string | undefined {
  const value = request === null ? undefined : parseRecord(request);
  return optionalText(value?.[name]);
}

function isErrorResponse(input: string | null): boolean {
  const response = input === null ? undefined : parseRecord(input);
  return typeof response?.['exceptionType'] === 'string';
}
