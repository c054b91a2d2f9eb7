/**
 * From the messages that arrived to the entity's queue, in order and without duplicates. While an orchestration holds the lock,
 * its requests go to the front. Mirrors the first part of DurableTaskExtension.EntityMiddleware.
 */
import type { EventRaisedEvent, HistoryEvent } from '../history-event.ts';
import type { TaskMessage } from '../task-message.ts';
import { entityMessage, type EntityContext } from './entity-message.ts';
import { release, withdraw } from './lock.ts';
import {
  decodeRelease,
  ORPHANED_LOCK_ID,
  RELEASE_EVENT,
  type ReleaseMessage,
} from './release-message.ts';
import { lastingId } from './request-id.ts';
import { decodeRequest, type EntityRequest } from './request-message.ts';
import { isOfLock, type EntityLock, type SchedulerState } from './scheduler-state.ts';

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

/** Takes events into the entity's queue. The sorter of `state` is changed in place. */
export function receiveEvents(
  state: SchedulerState,
  events: readonly HistoryEvent[],
  context: EntityContext,
): ReceivedEvents {
  const outbox: TaskMessage[] = [];
  const rejected: { event: HistoryEvent; reason: string }[] = [];
  let ofOwner: EntityRequest[] = [];
  let queue = [...state.queue];
  let lock: EntityLock = state;
  for (const event of events) {
    if (event.EventType !== 'EventRaised') {
      rejected.push({ event, reason: 'entities take no such messages' });
    } else if (event.Name === RELEASE_EVENT) {
      const message = decodeRelease(event.Input);
      if (message && isNewRelease(state, message, context)) {
        lock = release(lock, message);
        queue = withdraw(queue, message);
        ofOwner = withdraw(ofOwner, message);
      }
      if (!message) rejected.push({ event, reason: 'its input does not name the owner of a lock' });
    } else if (event.Name.startsWith('op')) {
      const received = receiveRequest(state, event, context);
      for (const request of received.requests) {
        if (isOfLock(lock, request)) ofOwner.push(request);
        else queue.push(request);
      }
      if (received.postponed) outbox.push(received.postponed);
      if (received.problem !== undefined) rejected.push({ event, reason: received.problem });
    }
    // Anything else wakes the entity, and says nothing.
  }
  state.sorter.endDelivery(context.nowMs);
  const { lockedBy, lockId } = lock;
  return { state: { ...state, queue: [...ofOwner, ...queue], lockedBy, lockId }, outbox, rejected };
}

function isNewRelease(
  { sorter }: SchedulerState,
  message: ReleaseMessage,
  { nowMs }: EntityContext,
): boolean {
  if (['', ORPHANED_LOCK_ID].includes(message.id)) return true;
  return sorter.noteRelease(lastingId(message), nowMs);
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
  if (request.due === null) {
    const requests = state.sorter.receive(request);
    // An orchestration that is over, or that got its lock from an attempt to grant it that was not stored, needs none now.
    return {
      requests: requests.filter(
        (lock) => !lock.lockSet || !state.sorter.wasReleased(lastingId(lock)),
      ),
    };
  }
  const dueMs = Date.parse(request.due);
  return dueMs > context.nowMs + EARLY_MS
    ? { requests: [], postponed: postpone(event, dueMs, context) }
    : { requests: state.sorter.receiveUnstamped(request) };
}

function postpone(event: EventRaisedEvent, dueMs: number, context: EntityContext): TaskMessage {
  return entityMessage(
    context,
    { instanceId: context.instanceId, executionId: null },
    { name: scheduledEventName(dueMs, context.nowMs), input: event.Input },
  );
}

/** The event of a request that waits: queues hold a message back for a week at most, so that it may come early and wait again. */
export function scheduledEventName(dueMs: number, nowMs: number): string {
  return `op@${new Date(Math.min(dueMs, nowMs + LONGEST_DELAY_MS)).toISOString()}`;
}
