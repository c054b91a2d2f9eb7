/**
 * The order of messages that one poll brought. Storage tells the second in which a message came, and gives those of one second
 * in their order, mostly. What an orchestration sends with one step goes out at the same moment, and is numbered; numbers of
 * different senders say nothing about each other. Mirrors MessageOrderingComparer, which compares them all the same.
 */
import type { HeldMessage } from './held-message.ts';

export interface ReadMessage {
  readonly message: HeldMessage;
  /** Counts what the process of the sender has sent. */
  readonly sequenceNumber: number;
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

/** Clients send one message at a time: each is a step of its own. */
function stepOf({ message: { message, lock }, insertedAtMs }: ReadMessage): string {
  const { instanceId, executionId } = message.sender;
  return instanceId === ''
    ? `client ${lock.messageId}`
    : JSON.stringify([insertedAtMs, instanceId, executionId]);
}
