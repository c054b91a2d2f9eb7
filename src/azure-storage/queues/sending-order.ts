/**
 * The order of messages that one look at a queue brought. Storage tells the second in which a message came, and gives those of one
 * second in their order, but what another worker had fetched and gave back comes behind what it had not. What an orchestration sends
 * with one step goes out at the same moment. Both are numbered, by the process of the sender; numbers of different processes say
 * nothing about each other. So our clients have a mark by which their messages are known, in the first digits of the activity id,
 * which nobody else reads anything into. Mirrors MessageOrderingComparer, which compares all numbers.
 */
import type { HeldMessage } from './held-message.ts';

export interface ReadMessage {
  readonly message: HeldMessage;
  /** Counts what the process of the sender has sent. */
  readonly sequenceNumber: number;
  readonly activityId: string;
  readonly insertedAtMs: number;
}

/** @param read as storage gave them. */
export function inSendingOrder(read: readonly ReadMessage[]): readonly HeldMessage[] {
  const places = [...read].sort((a, b) => a.insertedAtMs - b.insertedAtMs);
  const steps = new Map<string, ReadMessage[]>();
  for (const one of places) {
    const step = stepOf(one);
    steps.set(step, [...(steps.get(step) ?? []), one]);
  }
  for (const messages of steps.values()) {
    messages.sort((a, b) => a.sequenceNumber - b.sequenceNumber);
  }
  // Messages of one step share the places that they have, in their order.
  return places.map((one) => (steps.get(stepOf(one))?.shift() ?? one).message);
}

/** Of what one process of ours sends. .NET has random activity ids: no two begin alike. */
const MARK_DIGITS = 12;

/** @param id 32 hex digits. @param mark any other id, always the same one in this process. */
export function markedActivityId(id: string, mark: string): string {
  const hex = mark.slice(0, MARK_DIGITS) + id.slice(MARK_DIGITS);
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
}

/** The messages of a client are one step as a whole: it sends one after the other. */
function stepOf({ message: { message }, activityId, insertedAtMs }: ReadMessage): string {
  const { instanceId, executionId } = message.sender;
  return instanceId === ''
    ? `client ${activityId.replaceAll('-', '').slice(0, MARK_DIGITS)}`
    : JSON.stringify([insertedAtMs, instanceId, executionId]);
}
