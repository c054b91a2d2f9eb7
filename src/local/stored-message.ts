/** A message in the hands of this process, and where it lies in the hub. */
import type { ActivityMessage, TaskMessage } from '../core/task-message.ts';
import type { DeliveredMessage } from '../engine/backend.ts';
import type { MessagePlace } from './queue-rows.ts';

/** Work items hand out this very object. */
export interface StoredMessage<
  Message extends TaskMessage = TaskMessage,
> extends DeliveredMessage<Message> {
  dequeueCount: number;
  hasNoHistory: boolean;
  /** Of its row; of no meaning for an answer that is stored nowhere. */
  place: MessagePlace;
  /**
   * For an answer that is stored nowhere: the work item that it answers. That lies in the hub until the answer is in the history,
   * and is what is left of both when the process dies.
   */
  readonly workItem?: StoredMessage<ActivityMessage>;
  /** Of its text, in characters. */
  readonly length: number;
}

export function storedOf(delivered: DeliveredMessage): StoredMessage {
  return delivered as StoredMessage;
}
