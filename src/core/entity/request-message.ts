/**
 * The request that travels to an entity as the input of an `op` event, and its answer. Member order is part of the format:
 * a .NET reader gives up looking for `id` at the first member it does not know before it. Mirrors RequestMessage.
 */
import { CorruptMessageError } from '../errors.ts';
import type { TraceContext } from '../history-event.ts';
import { toTraceContext } from '../trace-context.ts';
import type { EntityId } from './entity-id.ts';
import { isRecord, optionalText } from '../../base/json.ts';
import { w3cTrace } from '../../base/w3c-trace.ts';
import { UNSET_TIME } from './tick-time.ts';

/** The trace that a request is part of; both absent for one that is of none. */
export interface RequestTraceMembers {
  /** The span above the run: that of the signal, or of the orchestration that calls. */
  readonly trace?: TraceContext;
  /** ISO 8601, of an orchestration: when it asked. */
  readonly requestTime?: string;
}

export interface EntityRequest extends RequestTraceMembers {
  readonly operation: string | null;
  readonly isSignal: boolean;
  /** JSON text. */
  readonly input: string | null;
  /** Dashed GUID. */
  readonly id: string;
  /** See `request-id.ts`; absent from what the .NET extension sends, and clients. */
  readonly stepId?: string;
  readonly parentInstanceId: string | null;
  readonly parentExecutionId: string | null;
  /** ISO 8601, UTC: not before this time. */
  readonly due: string | null;
  /** Stamps of the sender by which the receiver orders its requests and drops duplicates; absent: not ordered. */
  readonly timestamp?: string;
  readonly predecessor?: string;
  /** Present in lock requests only: every entity to lock, in the order in which they are. */
  readonly lockSet?: readonly EntityId[];
  /** Index in `lockSet` of the entity that the request is for. @default 0 */
  readonly position?: number;
}

export function encodeRequest(request: EntityRequest): string {
  return JSON.stringify(requestToJson(request));
}

export function requestToJson(request: EntityRequest): Record<string, unknown> {
  return {
    op: request.operation,
    ...(request.isSignal ? { signal: true } : {}),
    ...(request.input === null ? {} : { input: request.input }),
    id: request.id,
    ...(request.parentInstanceId === null ? {} : { parent: request.parentInstanceId }),
    ...(request.parentExecutionId === null ? {} : { parentExecution: request.parentExecutionId }),
    ...(request.due === null ? {} : { due: request.due }),
    Timestamp: request.timestamp ?? UNSET_TIME,
    Predecessor: request.predecessor ?? UNSET_TIME,
    ...(request.lockSet === undefined ? {} : { lockset: request.lockSet }),
    ...(request.position ? { pos: request.position } : {}),
    ...(request.trace === undefined ? {} : { parentTraceContext: request.trace }),
    ...(request.requestTime === undefined ? {} : { requestTime: request.requestTime }),
    ...(request.stepId === undefined ? {} : { stepId: request.stepId }),
  };
}

/** @throws {CorruptMessageError} when the text is not a request. */
export function decodeRequest(text: string | null): EntityRequest {
  let value: unknown;
  try {
    value = JSON.parse(text ?? '');
  } catch (error) {
    throw new CorruptMessageError('The input of an entity operation is not JSON.', {
      cause: error,
    });
  }
  return requestFromJson(value);
}

/** @throws {CorruptMessageError} when the value is not a request. */
export function requestFromJson(value: unknown): EntityRequest {
  if (!isRecord(value) || typeof value['id'] !== 'string') {
    throw new CorruptMessageError('The input of an entity operation is not a request with an id.');
  }
  const timestamp = optionalText(value['Timestamp']);
  const predecessor = optionalText(value['Predecessor']);
  const stepId = optionalText(value['stepId']);
  return {
    operation: optionalText(value['op']) ?? null,
    isSignal: value['signal'] === true,
    input: optionalText(value['input']) ?? null,
    id: value['id'],
    parentInstanceId: optionalText(value['parent']) ?? null,
    parentExecutionId: optionalText(value['parentExecution']) ?? null,
    due: optionalText(value['due']) ?? null,
    ...(timestamp === undefined ? {} : { timestamp }),
    ...(predecessor === undefined ? {} : { predecessor }),
    ...readLock(value['lockset'], value['pos']),
    ...readTrace(value['parentTraceContext'], value['requestTime']),
    ...(stepId === undefined ? {} : { stepId }),
  };
}

/** A trace that cannot be read is none: the operation runs all the same. */
function readTrace(context: unknown, time: unknown): RequestTraceMembers {
  if (!isRecord(context)) return {};
  const trace = w3cTrace(optionalText(context['TraceParent']), optionalText(context['TraceState']));
  const requestTime = optionalText(time);
  return {
    ...(trace ? { trace: toTraceContext(trace) } : {}),
    ...(requestTime === undefined ? {} : { requestTime }),
  };
}

function readLock(
  lockSet: unknown,
  position: unknown,
): Pick<EntityRequest, 'lockSet' | 'position'> {
  if (lockSet === undefined || lockSet === null) return {};
  const entities = Array.isArray(lockSet) ? lockSet.flatMap(readEntityId) : [];
  const index = position ?? 0;
  if (!Array.isArray(lockSet) || entities.length < lockSet.length) {
    throw new CorruptMessageError('The lock set of a lock request is not a list of entity ids.');
  }
  if (typeof index !== 'number' || entities[index] === undefined) {
    throw new CorruptMessageError('A lock request is not for an entity of its lock set.');
  }
  return { lockSet: entities, ...(index === 0 ? {} : { position: index }) };
}

function readEntityId(value: unknown): EntityId[] {
  if (!isRecord(value)) return [];
  const { name, key } = value;
  return typeof name === 'string' && typeof key === 'string' ? [{ name, key }] : [];
}

/** The answer to a call. @param result JSON text. */
export function encodeResponse(response: {
  readonly result: string | null;
  readonly isError: boolean;
}): string {
  return JSON.stringify({
    result: response.result,
    ...(response.isError ? { exceptionType: 'Error' } : {}),
  });
}
