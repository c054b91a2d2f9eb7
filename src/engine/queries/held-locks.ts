/**
 * Entities that an orchestration has to itself. Each row says so in its custom status; what a look may cost is bounded, and when the bound
 * ends it, the result says so.
 */
import { type EntityId, parseEntityId } from '../../core/entity/entity-id.ts';
import { decodeEntityStatus } from '../../core/entity/scheduler-state.ts';
import { isEntityRow } from '../entities/entity-queries.ts';
import { type ListInstances, lookAtInstances } from './look-at-instances.ts';

export interface HeldLock {
  readonly entityId: EntityId;
  /** Instance id of the orchestration. */
  readonly lockedBy: string;
  /** ISO 8601: the end of its last batch of operations; the lock may be older. */
  readonly lastOperationTime: string;
  /** How many requests were received and wait, those of others for the lock among them. */
  readonly queueLength: number;
}

export interface HeldLocks {
  /** Those come first with which nothing was done for the longest time. */
  readonly locks: readonly HeldLock[];
  /** False when there were more entities than may be looked at. */
  readonly isComplete: boolean;
}

const BOUNDS = { instances: 20_000, pages: 50 };

export async function heldLocks(list: ListInstances): Promise<HeldLocks> {
  const locks: HeldLock[] = [];
  const query = { instanceIdPrefix: '@', excludeEntities: false };
  const isComplete = await lookAtInstances(list, query, BOUNDS, (record) => {
    const status = isEntityRow(record) ? decodeEntityStatus(record.customStatus) : undefined;
    if (status === undefined || status.lockedBy === null) return;
    locks.push({
      entityId: parseEntityId(record.instanceId),
      lockedBy: status.lockedBy,
      lastOperationTime: record.createdTime,
      queueLength: status.queueSize,
    });
  });
  locks.sort((a, b) => Date.parse(a.lastOperationTime) - Date.parse(b.lastOperationTime));
  return { locks, isComplete };
}
