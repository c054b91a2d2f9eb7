/**
 * The answer of an activity. Where the orchestration's partition is owned here, no message is put: the answer waits in memory
 * for the commit that takes it into the history, and only then its work item is deleted. If the process dies before, the work
 * item becomes visible again and the activity runs once more. Mirrors CompleteTaskActivityWorkItemAsync.
 */
import type { TaskMessage } from '../core/task-message.ts';
import type { ActivityWorkItem } from '../engine/backend.ts';
import type { Deliveries } from './deliveries.ts';
import type { MessagePost } from './queues/message-post.ts';
import { HeldMessage, heldOf } from './queues/held-message.ts';

export interface CompletionParts {
  readonly post: MessagePost;
  readonly deliveries: Deliveries;
  /** Told of each message that everybody sees. */
  readonly arrived: (message: TaskMessage) => void;
}

export async function completeActivity(
  { post, deliveries, arrived }: CompletionParts,
  item: ActivityWorkItem,
  response: TaskMessage,
): Promise<void> {
  const workItem = heldOf(item);
  if (deliveries.ownsInstance(response.target.instanceId)) {
    const answer = new HeldMessage(response, workItem.lock, { dequeueCount: 1, kind: 'answer' });
    answer.lock.neededFromMs = 0;
    deliveries.deliver(answer);
    return;
  }
  await post.put(response);
  arrived(response);
  deliveries.remove([workItem]);
}
