/** What ends a lock: the input of a `release` event. Mirrors ReleaseMessage. */
import type { EventRaisedEvent } from '../history-event.ts';
import { optionalText, parseRecord } from '../../base/json.ts';

export const RELEASE_EVENT = 'release';

/** Stands for the id of the lock request when a client, which does not know it, releases a lock whose owner is gone. */
export const ORPHANED_LOCK_ID = 'fix-orphaned-lock';

export interface ReleaseMessage {
  /** Instance id of the orchestration that asked for the lock. */
  readonly owner: string;
  /** Of the lock request. */
  readonly id: string;
  /** That of the lock request, if it had one; the .NET extension passes it over. */
  readonly stepId?: string;
}

export function encodeRelease({ owner, id, stepId }: ReleaseMessage): string {
  return JSON.stringify({ parent: owner, id, ...(stepId === undefined ? {} : { stepId }) });
}

/** The event that brings it. @param now ISO 8601, UTC. */
export function releaseEvent(message: ReleaseMessage, now: string): EventRaisedEvent {
  return {
    EventType: 'EventRaised',
    EventId: -1,
    IsPlayed: false,
    Timestamp: now,
    Name: RELEASE_EVENT,
    Input: encodeRelease(message),
    ParentTraceContext: null,
  };
}

/** undefined for text that is no release. */
export function decodeRelease(text: string | null): ReleaseMessage | undefined {
  const value = parseRecord(text ?? '');
  const owner = optionalText(value?.['parent']);
  if (owner === undefined) return undefined;
  const stepId = optionalText(value?.['stepId']);
  const id = optionalText(value?.['id']) ?? '';
  return { owner, id, ...(stepId === undefined ? {} : { stepId }) };
}
