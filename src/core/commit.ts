/** What one work item changes, as one value: an adapter writes it, in the order of `TaskHubBackend.commitOrchestration`. */
import type { HistoryEvent } from './history-event.ts';
import type { ExecutionId, InstanceId } from './ids.ts';
import type { InstancePatch } from './instance-status.ts';
import type { TaskMessage } from './task-message.ts';

export interface OrchestrationCommit {
  readonly instanceId: InstanceId;
  readonly executionId: ExecutionId;
  /** Position of `newEvents[0]` in the history of this execution; 0 when the execution is new. */
  readonly firstEventIndex: number;
  readonly newEvents: readonly HistoryEvent[];
  readonly outbox: readonly TaskMessage[];
  /** undefined when the row need not be written now. */
  readonly instance: InstancePatch | undefined;
  /** True when an earlier execution of this instance was replaced: its large payloads are no longer needed. */
  readonly replacesExecution: boolean;
}
