/**
 * A message in the hands of this process, with the queue message that stands for it. Mostly that is the message's own.
 * An `answer` was never put into a queue: it is the result of an activity that ran here, its queue message is the activity's
 * work item, and if this process dies the activity runs again.
 */
import { InvalidInputError } from '../../core/errors.ts';
import { dueTimeMs, type TaskMessage } from '../../core/task-message.ts';
import type { DeliveredMessage } from '../../engine/backend.ts';
import type { MessageLock } from './message-lock.ts';

export class HeldMessage<
  Message extends TaskMessage = TaskMessage,
> implements DeliveredMessage<Message> {
  readonly message: Message;
  readonly lock: MessageLock;
  readonly kind: 'queued' | 'answer';
  dequeueCount: number;
  hasNoHistory = false;
  /** How often it was found here since this process has it that another worker is to have its partition for it. */
  leftCount = 0;

  constructor(
    message: Message,
    lock: MessageLock,
    { dequeueCount, kind = 'queued' }: { dequeueCount: number; kind?: 'queued' | 'answer' },
  ) {
    this.message = message;
    this.lock = lock;
    this.kind = kind;
    this.dequeueCount = dequeueCount;
  }

  /** Before this time it is not delivered, in ms since the epoch; 0 for at once. */
  get deliverFromMs(): number {
    return Math.max(dueTimeMs(this.message) ?? 0, this.lock.neededFromMs);
  }
}

/**
 * The held message behind a delivered one.
 * @throws {InvalidInputError} when it was not delivered by this backend.
 */
export function heldOf<Message extends TaskMessage>(
  delivered: DeliveredMessage<Message>,
): HeldMessage<Message> {
  if (delivered instanceof HeldMessage) return delivered as HeldMessage<Message>;
  throw new InvalidInputError(
    `A ${delivered.message.event.EventType} message was handed back that this backend did not deliver. Hand back the very object.`,
  );
}
