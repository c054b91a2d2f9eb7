/** What a commit changes in the Instances row. Mirrors AzureTableTrackingStore.UpdateStateAsync. */
import type { HistoryEvent } from './history-event.ts';
import type { InstancePatch } from './instance-status.ts';
import type { OrchestrationExecution } from './orchestration-execution.ts';

/**
 * @param execution what its row always says: its ids, that of its parent, and its custom status, which no event holds.
 * @param newEvents what the commit adds to the history; never empty.
 */
export function projectInstance(
  execution: Pick<OrchestrationExecution, 'executionId' | 'customStatus' | 'parentInstanceId'>,
  newEvents: readonly HistoryEvent[],
  now: string,
): InstancePatch {
  let patch: InstancePatch = {
    executionId: execution.executionId,
    lastUpdatedTime: newEvents.at(-1)?.Timestamp ?? now,
    customStatus: execution.customStatus,
    parentInstanceId: execution.parentInstanceId,
  };
  for (const event of newEvents) patch = { ...patch, ...changeBy(event, now) };
  return patch;
}

/** Whether a row that is not written now would show a wrong status. */
export function changesStatus(newEvents: readonly HistoryEvent[]): boolean {
  return newEvents.some((event) => Object.keys(changeBy(event, '')).length > 0);
}

function changeBy(event: HistoryEvent, now: string): Partial<InstancePatch> {
  switch (event.EventType) {
    case 'ExecutionStarted':
      return {
        name: event.Name,
        version: event.Version,
        createdTime: event.Timestamp,
        runtimeStatus: 'Running',
        tags: event.Tags,
        input: event.Input,
        ...(event.Generation === null ? {} : { generation: event.Generation }),
        ...(event.ScheduledStartTime === null
          ? {}
          : { scheduledStartTime: event.ScheduledStartTime }),
      };
    case 'ExecutionCompleted':
      return {
        runtimeStatus: event.OrchestrationStatus,
        completedTime: now,
        output: event.FailureDetails
          ? `${event.FailureDetails.ErrorType}: ${event.FailureDetails.ErrorMessage}`
          : event.Result,
      };
    case 'ExecutionTerminated':
      return { runtimeStatus: 'Terminated', completedTime: now, output: event.Input };
    case 'ExecutionSuspended':
      return { runtimeStatus: 'Suspended', output: event.Reason };
    case 'ExecutionResumed':
      return { runtimeStatus: 'Running', output: event.Reason };
    default:
      return {};
  }
}
