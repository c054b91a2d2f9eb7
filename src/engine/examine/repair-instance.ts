/**
 * Writes the status row of an instance again when a crash came between its history and its row, or somebody spoilt the row.
 * Mirrors AzureTableTrackingStore.UpdateInstanceStatusForCompletedOrchestrationAsync.
 */
import type { InstanceId } from '../../core/ids.ts';
import type { InstanceRecord } from '../../core/instance-status.ts';
import { OrchestrationState } from '../../core/orchestration-state.ts';
import { projectInstance } from '../../core/project-instance.ts';
import { instanceRepaired } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { TaskHubClientBackend } from '../backend.ts';
import { waitersOf } from '../instance-waiters.ts';

export interface RepairContext {
  readonly log: Logger;
  readonly taskHub: string;
  /** ISO 8601, UTC. */
  readonly now: string;
}

/**
 * @param state what the history holds.
 * @param known the row as it was before the history was read: if it changed since, it is left alone, as it may be the
 *   history that is the older of the two. @default it is read now, which will do for a history that does not change any more
 * @returns whether the row was wrong.
 */
export async function repairInstance(
  backend: TaskHubClientBackend,
  state: OrchestrationState,
  context: RepairContext,
  known?: InstanceRecord,
): Promise<boolean> {
  const { instanceId, executionId } = state;
  if (executionId === undefined) return false;
  const row = known ?? (await backend.findInstance(instanceId));
  const isRight = row && (row.runtimeStatus === state.runtimeStatus || isOfLaterStart(row, state));
  if (isRight) return false;
  const completedTime = state.completed?.Timestamp ?? context.now;
  const customStatus = row?.customStatus ?? null;
  const parent = state.started?.ParentInstance?.OrchestrationInstance.InstanceId ?? null;
  const execution = { executionId, customStatus, parentInstanceId: parent };
  const { input, ...patch } = projectInstance(execution, state.events, completedTime);
  const instance = { ...patch, ...(row || input === undefined ? {} : { input }) };
  await backend.repairInstance({ instanceId, instance }, known?.etag);
  if (state.isTerminal) waitersOf(backend).ended(instanceId);
  instanceRepaired(context.log, { taskHub: context.taskHub, instanceId });
  return true;
}

/** An instance by its id. A status that no engine writes is put right first, if there is a history that tells it. */
export async function findRepaired(
  backend: TaskHubClientBackend,
  instanceId: InstanceId,
  include: Parameters<TaskHubClientBackend['findInstance']>[1],
  context: RepairContext,
): Promise<InstanceRecord | undefined> {
  const row = await backend.findInstance(instanceId, include);
  if (row?.runtimeStatus !== 'Unknown') return row;
  const state = new OrchestrationState(instanceId);
  const history = await backend.readHistory(instanceId, { namesLost: true });
  for (const event of history) state.append(event);
  const isRepaired = await repairInstance(backend, state, context, row);
  return isRepaired ? backend.findInstance(instanceId, include) : row;
}

/** The row may be about a start that has not run yet, but also about an earlier generation of what history holds. */
function isOfLaterStart(
  row: InstanceRecord,
  { executionId, started }: OrchestrationState,
): boolean {
  if (row.executionId === null) return false;
  if (row.executionId.toLowerCase() === executionId?.toLowerCase()) return false;
  return Date.parse(row.createdTime) > Date.parse(started?.Timestamp ?? '');
}
