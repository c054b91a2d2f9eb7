/**
 * What an entity keeps between batches: the input of its execution, in the JSON of the .NET extension, with one member more
 * (`lockId`), which that one passes over. Default values are left out, but for `sorter`. Mirrors SchedulerState and EntityStatus.
 */
import { CorruptMessageError } from '../errors.ts';
import { isRecord, optionalText, parseRecord } from '../../base/json.ts';
import { MessageSorter } from './message-sorter.ts';
import { lastingId } from './request-id.ts';
import { requestFromJson, requestToJson, type EntityRequest } from './request-message.ts';

export interface SchedulerState {
  readonly exists: boolean;
  /** JSON text. */
  readonly state: string | null;
  /** Requests that were received and not yet run. */
  readonly queue: readonly EntityRequest[];
  /** The orchestration that holds the lock, or is to get it. */
  readonly lockedBy: string | null;
  /**
   * Step id, or id, of the lock request that `lockedBy` is of; null when the .NET extension locked the entity, which does not store it.
   * The owner may ask for its next lock before the release of this one comes.
   */
  readonly lockId: string | null;
  readonly sorter: MessageSorter;
}

/**
 * @param text JSON; null for an entity that was never used.
 * @param writer stands for the process that goes on with it.
 * @throws {CorruptMessageError}
 */
export function decodeSchedulerState(
  text: string | null,
  reorderWindowMs: number,
  writer?: string,
): SchedulerState {
  const value = text === null ? {} : parseObject(text);
  const state = optionalText(value['state']) ?? null;
  return {
    // Entities written by DurableTask.Core itself have no `exists`: they exist when they have a state.
    exists: typeof value['exists'] === 'boolean' ? value['exists'] : state !== null,
    state,
    queue: Array.isArray(value['queue']) ? value['queue'].map(requestFromJson) : [],
    lockedBy: optionalText(value['lockedBy']) ?? null,
    lockId: optionalText(value['lockId']) ?? null,
    sorter: new MessageSorter(value['sorter'], reorderWindowMs, writer),
  };
}

function parseObject(text: string): Record<string, unknown> {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    throw new CorruptMessageError('The stored state of an entity is not JSON.', { cause: error });
  }
  if (isRecord(value)) return value;
  throw new CorruptMessageError('The stored state of an entity is not a JSON object.');
}

export function encodeSchedulerState(state: SchedulerState): string {
  return JSON.stringify({
    ...(state.exists ? { exists: true } : {}),
    ...(state.state === null ? {} : { state: state.state }),
    ...(state.queue.length === 0 ? {} : { queue: state.queue.map(requestToJson) }),
    ...(state.lockedBy === null ? {} : { lockedBy: state.lockedBy }),
    ...(state.lockId === null ? {} : { lockId: state.lockId }),
    sorter: state.sorter.toJson(),
  });
}

/** Whether the request at the head of the queue may run: while there is a lock, only its owner's may. */
export function mayRun({ queue: [head], ...lock }: SchedulerState): boolean {
  return head !== undefined && (lock.lockedBy === null || isOfLock(lock, head));
}

/** Who has the entity to itself, if anybody. */
export type EntityLock = Pick<SchedulerState, 'lockedBy' | 'lockId'>;

/** Whether a request belongs to the lock that is held. The owner's next lock does not. */
export function isOfLock({ lockedBy, lockId }: EntityLock, request: EntityRequest): boolean {
  if (lockedBy === null || request.parentInstanceId !== lockedBy) return false;
  return !request.lockSet || lockId === null || lockId === lastingId(request);
}

/** The custom status of an entity's row. */
export function entityStatus(state: SchedulerState): string {
  return JSON.stringify({
    ...(state.exists ? { entityExists: true } : {}),
    ...(state.queue.length === 0 ? {} : { queueSize: state.queue.length }),
    ...(state.lockedBy === null ? {} : { lockedBy: state.lockedBy }),
  });
}

export interface EntityStatus {
  readonly exists: boolean;
  readonly queueSize: number;
  readonly lockedBy: string | null;
}

/** @returns undefined for text that is no entity's status: orchestrations may have ids that look like an entity's. */
export function decodeEntityStatus(customStatus: string | null): EntityStatus | undefined {
  const value = parseRecord(customStatus ?? '');
  if (value === undefined) return undefined;
  const queueSize = value['queueSize'];
  return {
    exists: value['entityExists'] === true,
    queueSize: typeof queueSize === 'number' ? queueSize : 0,
    lockedBy: optionalText(value['lockedBy']) ?? null,
  };
}
