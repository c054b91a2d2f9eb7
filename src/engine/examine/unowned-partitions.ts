/**
 * Partitions of a hub that none of its live workers owns, while there are workers: what is sent to them waits. A partition that
 * changes hands has no owner for a moment, so that only one that has none at two looks counts.
 */
import { pause } from '../../base/pause.ts';
import type { QueueBacklog } from '../../core/hub-backlog.ts';
import type { HubUser, TaskHubClientBackend } from '../backend.ts';

/** Workers look for partitions without an owner more often than that, also those of .NET. */
const RELOOK_MS = 15_000;

/**
 * Their queues, as the second look sees them. Empty where storage has no partitions.
 * @param queues of all partitions.
 * @param relookMs between the two looks, in ms; the second is only taken when it matters. @default 15000
 */
export async function unownedPartitions(
  backend: Pick<TaskHubClientBackend, 'listHubUsers' | 'readBacklog' | 'readPartitionCount'>,
  queues: readonly QueueBacklog[],
  relookMs = RELOOK_MS,
): Promise<readonly QueueBacklog[]> {
  if ((await backend.readPartitionCount()) === undefined) return [];
  const first = unownedOf(queues, await backend.listHubUsers());
  if (first.length === 0) return [];
  await pause(relookMs);
  const [users, { controlQueues }] = await Promise.all([
    backend.listHubUsers(),
    backend.readBacklog(),
  ]);
  const names = new Set(first.map(({ name }) => name));
  return unownedOf(controlQueues, users).filter(({ name }) => names.has(name));
}

function unownedOf(
  queues: readonly QueueBacklog[],
  users: readonly HubUser[],
): readonly QueueBacklog[] {
  // A lease has the name of its queue, below that of its kind.
  const owned = new Set(
    users.flatMap((user) => (user.kind === 'worker' ? [user.partition.split('/').at(-1)] : [])),
  );
  return queues.filter(({ name }) => !owned.has(name));
}
