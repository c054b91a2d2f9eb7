/**
 * Writes the status row of an instance again when a crash came between its history and its row.
 * Mirrors AzureTableTrackingStore.UpdateInstanceStatusForCompletedOrchestrationAsync.
 */
import type { OrchestrationExecution } from '../core/orchestration-execution.ts';
import { projectInstance } from '../core/project-instance.ts';
import { instanceRepaired } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import type { TaskHubBackend } from './backend.ts';

export async function repairInstance(
  backend: TaskHubBackend,
  execution: OrchestrationExecution,
  context: { readonly log: Logger; readonly taskHub: string; readonly now: string },
): Promise<void> {
  const { instanceId, executionId, state } = execution;
  const row = await backend.findInstance(instanceId);
  const isRight =
    row &&
    (row.runtimeStatus === state.runtimeStatus ||
      (row.executionId !== null && row.executionId.toLowerCase() !== executionId.toLowerCase()));
  if (isRight) return;
  const completedTime = state.completed?.Timestamp ?? context.now;
  const { input, ...patch } = projectInstance(execution, state.events, completedTime);
  await backend.repairInstance({
    instanceId,
    instance: {
      ...patch,
      ...(row || input === undefined ? {} : { input }),
      customStatus: row?.customStatus ?? null,
    },
  });
  instanceRepaired(context.log, { taskHub: context.taskHub, instanceId });
}
