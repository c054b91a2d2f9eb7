/**
 * A start: first the message, then the row, then (if this process owns the partition, and it is to start soon) the delivery from memory. A crash after
 * the message leaves a start that the worker judges by the missing row; the other order could leave a row that nothing runs.
 * Mirrors AzureStorageOrchestrationService.CreateTaskOrchestrationAsync.
 */
import type { InstanceRecord } from '../core/instance-status.ts';
import type { StartMessage, TaskMessage } from '../core/task-message.ts';
import type { Deliveries } from './deliveries.ts';
import type { MessagePost } from './queues/message-post.ts';
import type { InstancesTable } from './tables/instances-table.ts';

export interface StartParts {
  readonly post: MessagePost;
  readonly instances: InstancesTable;
  readonly deliveries: Deliveries;
  /** Told of each message that everybody sees. */
  readonly arrived: (message: TaskMessage) => void;
}

export async function startInstance(
  { post, instances, deliveries, arrived }: StartParts,
  start: StartMessage,
  existing: InstanceRecord | undefined,
): Promise<void> {
  if (!deliveries.holds(start)) {
    const { blobName } = await post.put(start);
    try {
      await instances.insertStart(start, existing, blobName);
    } finally {
      // Whoever is told sooner looks for a row that is not there yet.
      arrived(start);
    }
    return;
  }
  const { held, blobName } = await post.putHeld(start);
  try {
    const isWritten = await instances.insertStart(start, existing, blobName);
    held.hasNoHistory = isWritten && existing === undefined;
  } finally {
    // Also when the row could not be written: the message is in the hub.
    deliveries.deliver(held);
  }
}
