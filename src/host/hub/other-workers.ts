/**
 * Workers of one hub have to share its partitions in the same way: by the table (extension 3.x, and this package), or by leases of
 * blobs (extension 2.x unless told otherwise). Those of the other way cannot be seen, and read the same queues.
 */
import type { Config } from '../../config/config.ts';
import type { HubUser, TaskHubClientBackend } from '../../engine/backend.ts';
import { errorText, text } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';

/** Warns once, naming who was found. Never throws: a host that cannot look still starts, and says so. */
export async function warnOfUnseenWorkers(
  backend: Pick<TaskHubClientBackend, 'listHubUsers'>,
  config: Config,
  log: Logger,
): Promise<void> {
  const { hubName } = config.durableTask;
  try {
    const found = (await backend.listHubUsers()).flatMap(describeUnseen);
    if (found.length === 0) return;
    const message = `Task hub '${hubName}' is worked on already, by workers that share its partitions by leases of blobs and cannot see this one: ${found.join('; ')}. Until they end, both read the same queues, slow each other down, and messages may overtake each other. Set extensions.durableTask.storageProvider.useTablePartitionManagement to true there.`;
    text(log, 'warning', 'Host.Startup', message);
  } catch (error) {
    const message = `It could not be found out who else works on task hub '${hubName}': ${errorText(error)}`;
    text(log, 'warning', 'Host.Startup', message, error);
  }
}

/** Blobs are named by a folder and the queue, rows by the queue alone. */
function describeUnseen(user: HubUser): readonly string[] {
  const isUnseen = user.kind === 'worker' && user.partition.includes('/');
  return isUnseen ? [`worker '${user.owner}' owns ${user.partition}`] : [];
}
