/**
 * Events keep their order while some of them pause: one that could not be handled yet (its instance has not begun, or a commit failed)
 * comes again after a pause, and an event that arrives meanwhile waits with it. Without that, who raises 1, 2 and 3 right after a start
 * whose row is not written yet may see 3, 1, 2. A start counts as well, since events are for what it begins: once it has, they come at once.
 */
import type { InstanceId } from '../../core/ids.ts';
import { dueTimeMs, isStartMessage, type TaskMessage } from '../../core/task-message.ts';
import type { DeliveredMessage } from '../backend.ts';
import type { InstanceInbox } from './instance-inbox.ts';

/** Of these, most are over. */
const MANY = 1_000;

export class PutOffEvents {
  readonly #now: () => number;
  /** When they come again, in ms since the epoch. */
  readonly #untilMs = new Map<InstanceId, number>();

  constructor(now: () => number) {
    this.#now = now;
  }

  /**
   * Messages of one instance are put off.
   * @param pauseMsOf how long each would pause for itself.
   * @returns when each comes again, in ms since the epoch: for all that keep their order it is the same time.
   */
  putOff<Message extends { readonly message: TaskMessage }>(
    messages: readonly Message[],
    pauseMsOf: (message: Message) => number,
  ): readonly (readonly [message: Message, dueMs: number])[] {
    const nowMs = this.#now();
    const inOrder = messages.filter(({ message }) => keepsOrder(message));
    const togetherMs = nowMs + Math.max(0, ...inOrder.map(pauseMsOf));
    const [first] = inOrder;
    if (first !== undefined) this.#note(first.message.target.instanceId, togetherMs);
    return messages.map((message) => [
      message,
      keepsOrder(message.message) ? togetherMs : nowMs + pauseMsOf(message),
    ]);
  }

  /** From when on a message that has just come may be delivered, in ms since the epoch; 0 for at once. */
  fromMs(message: TaskMessage): number {
    return isEvent(message) ? this.#pendingMs(message.target.instanceId) : 0;
  }

  /** What came while an item of the instance was out, and has to wait behind what was put off of it; taken out of the inbox. */
  takeBehind<Message extends DeliveredMessage>(
    inbox: InstanceInbox<Message>,
    instanceId: InstanceId,
  ): readonly Message[] {
    if (this.#pendingMs(instanceId) === 0) return [];
    return inbox.takeWaiting(instanceId, ({ message }) => isEvent(message));
  }

  /**
   * The instance has begun, when `consumed` has its start: what was put off until then need not wait any longer.
   * @returns whether there may be such events.
   */
  endWithStart(instanceId: InstanceId, consumed: readonly DeliveredMessage[]): boolean {
    if (!consumed.some(({ message }) => isStartMessage(message))) return false;
    return this.#untilMs.delete(instanceId);
  }

  #pendingMs(instanceId: InstanceId): number {
    const untilMs = this.#untilMs.get(instanceId) ?? 0;
    if (untilMs > this.#now()) return untilMs;
    this.#untilMs.delete(instanceId);
    return 0;
  }

  #note(instanceId: InstanceId, untilMs: number): void {
    if (this.#untilMs.size >= MANY) {
      const nowMs = this.#now();
      for (const [id, ms] of this.#untilMs) if (ms <= nowMs) this.#untilMs.delete(id);
    }
    this.#untilMs.set(instanceId, untilMs);
  }
}

/** Whether what comes later for the instance must not overtake it. */
export function keepsOrder(message: TaskMessage): boolean {
  return isEvent(message) || isStartMessage(message);
}

function isEvent({ event }: TaskMessage): boolean {
  return event.EventType === 'EventRaised';
}

/** Whether an event was put off for an instance, and not for its own time. */
export function isPutOffFor(instanceId: InstanceId, message: TaskMessage, now: number): boolean {
  return (
    message.target.instanceId === instanceId && isEvent(message) && (dueTimeMs(message) ?? 0) <= now
  );
}
