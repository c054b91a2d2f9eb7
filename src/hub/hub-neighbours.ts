/**
 * Who else works on the hub when a worker starts, and what that means for it: workers that share the partitions in another way and
 * cannot be seen, and workers of other apps.
 */
import type { PartitionWay } from '../azure-storage/partitions/partition-options.ts';
import type { Config } from '../config/config.ts';
import { DurableError } from '../core/errors.ts';
import type { HubApp, HubUser, TaskHubClientBackend } from '../engine/backend.ts';
import { hasFunction } from '../engine/function-directory.ts';
import type { FunctionNames } from '../engine/function-invoker.ts';
import { errorText, text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import { partitionWay } from './connect-hub.ts';

export interface NeighboursOptions {
  readonly backend: Pick<TaskHubClientBackend, 'listHubUsers'>;
  readonly config: Config;
  /** What this worker is about to run. */
  readonly app: HubApp;
  readonly log: Logger;
}

/**
 * Warns once of each kind, naming who was found. A worker that cannot look still starts, and says so.
 * @throws {DurableError} `CONFIG` where there is another app, and `otherApps` refuses it.
 */
export async function checkNeighbours(options: NeighboursOptions): Promise<void> {
  const { backend, config, log } = options;
  const { hubName, otherApps } = config.durableTask;
  let users: readonly HubUser[];
  try {
    users = await backend.listHubUsers();
  } catch (error) {
    const message = `It could not be found out who else works on task hub '${hubName}': ${errorText(error)}`;
    text(log, 'warning', 'Host.Startup', message, error);
    return;
  }
  const unseen = unseenText(users, config);
  if (unseen !== undefined) text(log, 'warning', 'Host.Startup', unseen);
  const other = otherApps === 'allow' ? undefined : otherAppText(users, hubName, options.app);
  if (other === undefined) return;
  if (otherApps === 'refuse') throw new DurableError('CONFIG', other);
  text(log, 'warning', 'Host.Startup', other);
}

const WAYS: Readonly<Record<PartitionWay, string>> = {
  table: 'by the table (useTablePartitionManagement: true)',
  leases: 'by leases of blobs (useTablePartitionManagement: false)',
  legacyLeases: 'by leases of blobs, the legacy way (useLegacyPartitionManagement: true)',
};

/**
 * Workers of one hub have to share its partitions in the same way: by the table (extension 3.x, and this package), or by leases of
 * blobs (extension 2.x), each unless told otherwise. Those of another way cannot be seen, and read the same queues.
 */
function unseenText(users: readonly HubUser[], config: Config): string | undefined {
  const own = partitionWay(config);
  const found = users.flatMap((user) => {
    if (user.kind !== 'worker' || wayOf(user.partition) === own) return [];
    return [`worker '${user.owner}' owns ${user.partition}, ${WAYS[wayOf(user.partition)]}`];
  });
  if (found.length === 0) return undefined;
  return `Task hub '${config.durableTask.hubName}' is worked on already, by workers that share its partitions in another way and cannot see this one, which shares them ${WAYS[own]}: ${found.join('; ')}. Until they end, both read the same queues, slow each other down, and messages may overtake each other. Give all workers of the hub the same useTablePartitionManagement and useLegacyPartitionManagement (extensions.durableTask.storageProvider).`;
}

/** Blobs are named by a folder and the queue, rows by the queue alone. */
function wayOf(partition: string): PartitionWay {
  if (partition.startsWith('default/')) return 'legacyLeases';
  return partition.includes('/') ? 'leases' : 'table';
}

/** Two apps on one hub are mostly a mistake: each gets instances of the other, whose functions it does not have. */
function otherAppText(users: readonly HubUser[], hubName: string, own: HubApp): string | undefined {
  const found = users.flatMap((user) =>
    user.kind === 'worker' && user.app !== undefined && isOther(user.app, own)
      ? [`'${user.app.name}' (worker '${user.owner}')`]
      : [],
  );
  if (found.length === 0) return undefined;
  return `Task hub '${hubName}' is worked on already by another app than '${own.name}': ${[...new Set(found)].join(', ')}. Apps that share a hub get instances of each other. Give each a hub of its own (extensions.durableTask.hubName), or, where it is meant to be, set extensions.durableTask.otherApps to 'allow'.`;
}

/** A copy of an app under another name is no other app, and neither is another version of it. */
function isOther(other: HubApp, own: HubApp): boolean {
  const isSame =
    includesAll(other.functions, own.functions) && includesAll(own.functions, other.functions);
  return other.name !== own.name && !isSame;
}

function includesAll(all: FunctionNames, some: FunctionNames): boolean {
  return (
    some.orchestrators.every((name) => hasFunction(all, 'orchestrator', name)) &&
    some.activities.every((name) => hasFunction(all, 'activity', name)) &&
    some.entities.every((name) => hasFunction(all, 'entity', name))
  );
}
