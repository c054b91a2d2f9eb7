/**
 * The entity's side of critical sections. A lock request goes from entity to entity in the order of its lock set; each keeps
 * its lock for the orchestration that asked, and the last one tells it. As all lock sets have the same order, no two
 * orchestrations wait for each other. Mirrors TaskEntityShim.ProcessLockRequest.
 */
import { toInstanceId } from '../ids.ts';
import type { TaskMessage } from '../task-message.ts';
import { entityInstanceId } from './entity-id.ts';
import {
  answerMessage,
  continueMessage,
  entityMessage,
  type EntityContext,
} from './entity-message.ts';
import { isStepId, lastingId } from './request-id.ts';
import { encodeRequest, type EntityRequest } from './request-message.ts';
import { ORPHANED_LOCK_ID, type ReleaseMessage } from './release-message.ts';
import type { EntityLock, SchedulerState } from './scheduler-state.ts';

/** The answer to a lock request. It is no JSON text, and the SDKs do not read it. */
const LOCK_GRANTED = JSON.stringify({ result: 'Lock Acquisition Completed' });

/**
 * Keeps the entity for the request at the head of its queue, which stays there until it is answered: first it is stored who gets
 * the lock, then it is said. Else, after a crash between the two, another might get it too, and of two orchestrations that
 * lock several entities each might wait for the other for ever. The .NET extension does both at once, and reads this state too.
 */
export function reserveLock(
  state: SchedulerState,
  request: EntityRequest,
  context: EntityContext,
): { readonly state: SchedulerState; readonly outbox: readonly TaskMessage[] } {
  return {
    state: { ...state, lockedBy: request.parentInstanceId, lockId: lastingId(request) },
    outbox: [continueMessage(context)],
  };
}

/** Locks the entity for the request at the head of its queue, and passes the request on. */
export function applyLock(
  state: SchedulerState,
  request: EntityRequest,
  context: EntityContext,
): { readonly state: SchedulerState; readonly outbox: readonly TaskMessage[] } {
  const owner = request.parentInstanceId;
  const rest = { ...state, queue: state.queue.slice(1) };
  // Nobody could ever release it.
  if (owner === null) return { state: rest, outbox: [] };
  const position = (request.position ?? 0) + 1;
  const next = request.lockSet?.[position];
  return {
    state: { ...rest, lockedBy: owner, lockId: lastingId(request) },
    outbox: [
      next
        ? forward({ ...request, position }, entityInstanceId(next), state, context)
        : answerMessage(request, toInstanceId(owner), LOCK_GRANTED, context),
    ],
  };
}

function forward(
  request: EntityRequest,
  target: ReturnType<typeof entityInstanceId>,
  state: SchedulerState,
  context: EntityContext,
): TaskMessage {
  const stamps = state.sorter.stampForwarded(target, context.nowMs);
  return entityMessage(
    context,
    { instanceId: target, executionId: null },
    { name: 'op', input: encodeRequest({ ...request, ...stamps }) },
  );
}

/** Unlocks the entity. The release of one lock of an orchestration leaves its next one alone. */
export function release(lock: EntityLock, message: ReleaseMessage): EntityLock {
  const { lockedBy, lockId } = lock;
  const isMeant =
    lockId === null ||
    lockId === lastingId(message) ||
    ['', ORPHANED_LOCK_ID].includes(message.id) ||
    isOfOtherEngine(message, lockId);
  return isMeant && lockedBy === message.owner ? { lockedBy: null, lockId: null } : lock;
}

/** The .NET extension goes on with orchestrations that got their lock here, and does not know what we know the lock by. */
function isOfOtherEngine({ id, stepId }: ReleaseMessage, lockId: string): boolean {
  return stepId === undefined && isStepId(lockId) && !isStepId(id);
}

/** Without the lock request that is over: an orchestration may end before it gets its lock, or it was granted before. */
export function withdraw(
  requests: readonly EntityRequest[],
  message: ReleaseMessage,
): EntityRequest[] {
  const isMeant = (request: EntityRequest): boolean =>
    request.parentInstanceId === message.owner &&
    (request.id === message.id || lastingId(request) === lastingId(message));
  return requests.filter((request) => !(request.lockSet && isMeant(request)));
}
