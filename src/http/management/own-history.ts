/** The history of an instance as it is now: what is stored may be that of the one that it replaces, until it has begun. */
import type { HistoryEvent } from '../../core/history-event.ts';
import type { InstanceRecord } from '../../core/instance-status.ts';
import type { TaskHubClient } from '../../engine/task-hub-client.ts';

/** @returns undefined for one that has not begun. One that was rewound is pending, too, and has its history. */
export async function findOwnHistory(
  client: Pick<TaskHubClient, 'readHistory'>,
  { instanceId, executionId, runtimeStatus }: InstanceRecord,
): Promise<readonly HistoryEvent[] | undefined> {
  const events = await client.readHistory(instanceId);
  if (runtimeStatus !== 'Pending') return events;
  const started = events.find((event) => event.EventType === 'ExecutionStarted');
  return started?.OrchestrationInstance.ExecutionId === executionId ? events : undefined;
}
