/** How long instances are kept after their end: by status, and for some orchestrators otherwise. */
import type { OrchestrationStatus } from './history-event.ts';
import type { InstanceRecord } from './instance-status.ts';

/** How an instance ends. */
export const FINAL_STATUSES = ['Completed', 'Failed', 'Terminated', 'Canceled'] as const;
export type FinalStatus = (typeof FINAL_STATUSES)[number] & OrchestrationStatus;

/** In ms from the end of an instance; Infinity for ever. A status that is left out is not decided here. */
export type KeepTimes = Readonly<Partial<Record<FinalStatus, number>>>;

export interface RetentionPolicy {
  /** What is not decided here either is kept for ever. */
  readonly byStatus: KeepTimes;
  /** By the name of the orchestrator, in lower case: goes before `byStatus`. */
  readonly byName: ReadonlyMap<string, KeepTimes>;
}

/** Infinity for an instance that is kept for ever, or has not ended. */
export function keepMs(
  { byStatus, byName }: RetentionPolicy,
  { name, runtimeStatus }: Pick<InstanceRecord, 'name' | 'runtimeStatus'>,
): number {
  const status = FINAL_STATUSES.find((one) => one === runtimeStatus);
  if (status === undefined) return Infinity;
  return byName.get(name.toLowerCase())?.[status] ?? byStatus[status] ?? Infinity;
}

/** The shortest time for which any instance of the status is kept. */
export function shortestKeepMs({ byStatus, byName }: RetentionPolicy, status: FinalStatus): number {
  const named = [...byName.values()].map((times) => times[status] ?? Infinity);
  return Math.min(byStatus[status] ?? Infinity, ...named);
}

/** The statuses of which some instances are not kept for ever. */
export function expiringStatuses(policy: RetentionPolicy): readonly FinalStatus[] {
  return FINAL_STATUSES.filter((status) => shortestKeepMs(policy, status) < Infinity);
}
