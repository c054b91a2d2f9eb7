/**
 * House-keeping among entities: locks whose owner is gone are released, entities that hold nothing are purged.
 * Mirrors EntityTrackingStoreQueries.CleanEntityStorageAsync.
 */
import { decodeEntityStatus } from '../../core/entity/scheduler-state.ts';
import { ORPHANED_LOCK_ID, releaseEvent } from '../../core/entity/release-message.ts';
import { toInstanceId, type InstanceId } from '../../core/ids.ts';
import { isTerminal, type InstanceRecord } from '../../core/instance-status.ts';
import { CLIENT_SENDER, type TaskMessage } from '../../core/task-message.ts';
import type { Ambient } from '../ambient.ts';
import { atMost } from '../../base/at-most.ts';
import type { TaskHubClientBackend } from '../backend.ts';
import { isEntityRow } from './entity-queries.ts';
import { purgeInstance } from '../purge/purge-instances.ts';

export interface CleanEntityStorageOptions {
  /** Purges entities that do not exist, are not locked and have nothing queued. */
  readonly removeEmptyEntities: boolean;
  /** Releases locks of orchestrations that do not run any more. */
  readonly releaseOrphanedLocks: boolean;
  readonly continuationToken?: string;
}

export interface CleanEntityStorageResult {
  readonly emptyEntitiesRemoved: number;
  readonly orphanedLocksReleased: number;
  /** To go on with: one call works for 5 seconds at most. undefined when all was looked at. */
  readonly continuationToken: string | undefined;
}

export interface CleaningContext {
  readonly backend: TaskHubClientBackend;
  readonly ambient: Ambient;
  /** An empty entity is kept for so long: until then its sorter may have to recognise a duplicate. */
  readonly reorderWindowMs: number;
}

const PAGE_SIZE = 100;
const LONGEST_RUN_MS = 5000;
const AT_ONCE = 8;

export async function cleanEntityStorage(
  context: CleaningContext,
  options: CleanEntityStorageOptions,
): Promise<CleanEntityStorageResult> {
  const { backend, ambient } = context;
  const startMs = ambient.now();
  let emptyEntitiesRemoved = 0;
  let orphanedLocksReleased = 0;
  let { continuationToken } = options;
  do {
    const page = await backend.listInstances({
      instanceIdPrefix: '@',
      pageSize: PAGE_SIZE,
      ...(continuationToken !== undefined && { continuationToken }),
      includeInput: false,
      includeOutput: false,
    });
    await atMost(AT_ONCE, page.instances, async (record) => {
      const done = await clean(record, context, options);
      if (done === 'removed') emptyEntitiesRemoved++;
      if (done === 'released') orphanedLocksReleased++;
    });
    ({ continuationToken } = page);
  } while (continuationToken !== undefined && ambient.now() - startMs < LONGEST_RUN_MS);
  return { emptyEntitiesRemoved, orphanedLocksReleased, continuationToken };
}

async function clean(
  record: InstanceRecord,
  { backend, ambient, reorderWindowMs }: CleaningContext,
  options: CleanEntityStorageOptions,
): Promise<'removed' | 'released' | undefined> {
  const { instanceId, lastUpdatedTime } = record;
  const status = isEntityRow(record) ? decodeEntityStatus(record.customStatus) : undefined;
  if (!status) return undefined;
  if (status.lockedBy !== null) {
    if (!options.releaseOrphanedLocks) return undefined;
    if (await isRunning(backend, status.lockedBy)) return undefined;
    const now = new Date(ambient.now()).toISOString();
    await backend.sendMessage(releaseMessage(instanceId, status.lockedBy, now));
    return 'released';
  }
  const isEmpty = !status.exists && status.queueSize === 0;
  const isOld = ambient.now() - Date.parse(lastUpdatedTime) > reorderWindowMs;
  if (!options.removeEmptyEntities || !isEmpty || !isOld) return undefined;
  return (await purgeInstance(backend, instanceId)) ? 'removed' : undefined;
}

async function isRunning(backend: TaskHubClientBackend, owner: string): Promise<boolean> {
  const record = await backend.findInstance(toInstanceId(owner));
  return record !== undefined && !isTerminal(record.runtimeStatus);
}

function releaseMessage(instanceId: InstanceId, owner: string, now: string): TaskMessage {
  return {
    event: releaseEvent({ owner, id: ORPHANED_LOCK_ID }, now),
    target: { instanceId, executionId: null },
    sender: CLIENT_SENDER,
  };
}
