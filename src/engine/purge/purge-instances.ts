/**
 * Deletes instances that are finished: one by its id, or all that a filter finds. Mirrors PurgeInstanceHistoryAsync of
 * DurableClient; whole trees are in instance-tree.ts.
 */
import { InstanceStateConflictError } from '../../core/errors.ts';
import { isEntityId } from '../../core/ids.ts';
import { isTerminal, type InstanceRecord, type RuntimeStatus } from '../../core/instance-status.ts';
import type { Ambient } from '../ambient.ts';
import { atMost } from '../../base/at-most.ts';
import type {
  InstancePage,
  InstanceQuery,
  PurgedInstance,
  TaskHubClientBackend,
} from '../backend.ts';
import { waitersOf } from '../instance-waiters.ts';

export interface PurgeFilter {
  readonly createdTimeFrom: Date;
  /** @default now */
  readonly createdTimeTo?: Date;
  /** Those that are not final are left out: of them nothing is purged. Empty for every final one. */
  readonly runtimeStatuses: readonly RuntimeStatus[];
  /**
   * As the .NET extension does it: statuses that are not final count as not given, and where there is no other, every final one is
   * meant. @default false
   */
  readonly ignoresOpenStatuses?: boolean;
  /** Told of every instance that was deleted. */
  readonly onPurged?: (purged: PurgedInstance) => void;
}

export interface PurgeReport {
  readonly instancesDeleted: number;
  /** Where a purge goes on that the deadline ended; undefined when all was looked at. */
  readonly continuationToken: string | undefined;
}

/** How far a purge goes. @default to the end, from the beginning */
export interface PurgeRange {
  /** On the clock of `ambient`, in ms: a page that has begun is finished. */
  readonly deadlineMs?: number;
  readonly continuationToken?: string | undefined;
}

const PAGE_SIZE = 100;
/** Five requests each, one after the other. */
const AT_ONCE = 32;

/**
 * @returns how many instances were deleted: 1, or 0 when it is gone already.
 * @throws {InstanceStateConflictError} when the instance is not finished.
 */
export async function purgeOne(
  backend: TaskHubClientBackend,
  record: InstanceRecord,
): Promise<number> {
  checkPurgeable(record);
  return (await purgeInstance(backend, record.instanceId)) ? 1 : 0;
}

/**
 * Purges page by page, the next one being read meanwhile.
 * @throws {InvalidContinuationTokenError}
 */
export async function purgeBy(
  { backend, ambient }: { readonly backend: TaskHubClientBackend; readonly ambient: Ambient },
  filter: PurgeFilter,
  { deadlineMs = Infinity, continuationToken: first }: PurgeRange = {},
): Promise<PurgeReport> {
  const terminal = filter.runtimeStatuses.filter(isTerminal);
  const asksForNone = terminal.length === 0 && filter.runtimeStatuses.length > 0;
  if (asksForNone && filter.ignoresOpenStatuses !== true) {
    return { instancesDeleted: 0, continuationToken: undefined };
  }
  const query: InstanceQuery = {
    createdTimeFrom: filter.createdTimeFrom,
    createdTimeTo: filter.createdTimeTo ?? new Date(ambient.now()),
    runtimeStatuses:
      terminal.length > 0 ? terminal : ['Completed', 'Failed', 'Terminated', 'Canceled'],
    pageSize: PAGE_SIZE,
    includeInput: false,
    includeOutput: false,
  };
  const read = (continuationToken: string | undefined): Promise<InstancePage> =>
    backend.listInstances(
      continuationToken === undefined ? query : { ...query, continuationToken },
    );
  let instancesDeleted = 0;
  const purge = async (record: InstanceRecord): Promise<void> => {
    const purged = await purgeInstance(backend, record.instanceId, record);
    if (purged === undefined) return;
    instancesDeleted++;
    filter.onPurged?.(purged);
  };
  for (let page = await read(first); ;) {
    const { instances, continuationToken } = page;
    const isLast = continuationToken === undefined || ambient.now() >= deadlineMs;
    const [next] = await Promise.all([
      isLast ? undefined : read(continuationToken),
      atMost(AT_ONCE, instances, purge),
    ]);
    if (next === undefined) return { instancesDeleted, continuationToken };
    page = next;
  }
}

/** Deletes an instance, and tells those who wait for it. @param record as for `TaskHubClientBackend.purgeInstance`. */
export async function purgeInstance(
  backend: TaskHubClientBackend,
  ...instance: Parameters<TaskHubClientBackend['purgeInstance']>
): Promise<PurgedInstance | undefined> {
  const purged = await backend.purgeInstance(...instance);
  if (purged !== undefined) waitersOf(backend).ended(instance[0]);
  return purged;
}

/** An entity may be purged in any state. @throws {InstanceStateConflictError} */
export function checkPurgeable({ instanceId, runtimeStatus }: InstanceRecord): void {
  // Unknown: there is no history that says otherwise, or the status would have been put right.
  if (isTerminal(runtimeStatus) || runtimeStatus === 'Unknown' || isEntityId(instanceId)) return;
  throw new InstanceStateConflictError(
    instanceId,
    runtimeStatus,
    `Only orchestrations in a terminal state can be purged, but the orchestration with instance ID ${instanceId} has status ${runtimeStatus}`,
  );
}
