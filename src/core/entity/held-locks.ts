/**
 * The orchestration's side of a lock that it cannot give back itself: it was terminated, or failed in a way that its code never
 * saw. The .NET extension leaves such a lock behind for CleanEntityStorageAsync; here it is released.
 */
import type { HistoryEvent } from '../history-event.ts';
import { isEntityId, toInstanceId, type ExecutionId, type InstanceId } from '../ids.ts';
import type { TaskMessage } from '../task-message.ts';
import { entityInstanceId } from './entity-id.ts';
import { decodeRelease, RELEASE_EVENT, releaseEvent } from './release-message.ts';
import { decodeRequest, type EntityRequest } from './request-message.ts';

interface Ended {
  readonly instanceId: InstanceId;
  readonly executionId: ExecutionId | null;
  readonly now: string;
}

/** Releases for every lock that the history asks for and does not give back. They are in no history: nothing replays them. */
export function releaseHeldLocks(ended: Ended, events: readonly HistoryEvent[]): TaskMessage[] {
  return [...heldLocks(events).values()].flatMap(({ request, entities }) =>
    [...entities].map((entity) => releaseMessage(ended, entity, request)),
  );
}

interface HeldLock {
  readonly request: EntityRequest;
  readonly entities: Set<string>;
}

/** By the id of the lock request. */
function heldLocks(events: readonly HistoryEvent[]): Map<string, HeldLock> {
  const held = new Map<string, HeldLock>();
  for (const event of events) {
    if (event.EventType !== 'EventSent') continue;
    if (event.Name === RELEASE_EVENT) {
      held.get(decodeRelease(event.Input)?.id ?? '')?.entities.delete(event.InstanceId);
    } else if (event.Input?.includes('"lockset"') && isEntityId(event.InstanceId)) {
      const request = readRequest(event.Input);
      if (!request?.lockSet) continue;
      held.set(request.id, { request, entities: new Set(request.lockSet.map(entityInstanceId)) });
    }
  }
  return held;
}

/** undefined for an event that is no request: orchestrators may send entities anything. */
function readRequest(input: string): EntityRequest | undefined {
  try {
    return decodeRequest(input);
  } catch {
    return undefined;
  }
}

function releaseMessage(ended: Ended, entity: string, lock: EntityRequest): TaskMessage {
  const { instanceId, executionId, now } = ended;
  const { id, stepId } = lock;
  const message = { owner: instanceId, id, ...(stepId === undefined ? {} : { stepId }) };
  return {
    event: releaseEvent(message, now),
    target: { instanceId: toInstanceId(entity), executionId: null },
    sender: { instanceId, executionId: executionId ?? '' },
  };
}
