/** What a work item of an orchestration has come to, as the one value that is stored. */
import type { OrchestrationCommit } from '../../core/commit.ts';
import type { HistoryEvent } from '../../core/history-event.ts';
import type { InstancePatch } from '../../core/instance-status.ts';
import type { OrchestrationExecution } from '../../core/orchestration-execution.ts';
import { changesStatus, projectInstance } from '../../core/project-instance.ts';
import type { Progress } from './orchestration-runner.ts';
import type { OrchestrationSession } from '../session.ts';

/** Without a status change the row is written at most this often. */
const ROW_INTERVAL_MS = 1000;

/** @param nowMs since the epoch. */
export function commitOf(
  session: OrchestrationSession,
  { orchestrator: { execution }, outbox }: Progress,
  nowMs: number,
): OrchestrationCommit {
  const firstEventIndex = execution.committedCount;
  const newEvents = execution.state.events.slice(firstEventIndex);
  const writesRow =
    changesStatus(newEvents) ||
    execution.customStatus !== session.rowCustomStatus ||
    nowMs - session.rowWrittenMs >= ROW_INTERVAL_MS;
  return {
    instanceId: session.instanceId,
    executionId: execution.executionId,
    firstEventIndex,
    newEvents,
    outbox: [...outbox],
    instance: writesRow ? projectRow(session, execution, newEvents, nowMs) : undefined,
    replacesExecution: execution !== session.execution && session.token !== undefined,
  };
}

/**
 * A session that was read from storage writes the row anew from the whole history, since a crash may have come between
 * history and row; its input is in the row already, or belongs to the events of this very commit.
 */
function projectRow(
  session: OrchestrationSession,
  execution: OrchestrationExecution,
  newEvents: readonly HistoryEvent[],
  nowMs: number,
): InstancePatch {
  const now = new Date(nowMs).toISOString();
  if (!session.isLoaded || execution !== session.execution) {
    return projectInstance(execution, newEvents, now);
  }
  const { input: _input, ...patch } = projectInstance(execution, execution.state.events, now);
  return patch;
}
