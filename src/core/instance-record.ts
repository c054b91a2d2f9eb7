/** How a start and a commit change the row of an instance. Mirrors AzureTableTrackingStore.SetNewExecutionAsync and UpdateStateAsync. */
import type { InstanceId } from './ids.ts';
import type { InstancePatch, InstanceRecord } from './instance-status.ts';
import type { StartMessage } from './task-message.ts';

export function startRecord({ event, target }: StartMessage, etag: string): InstanceRecord {
  return {
    instanceId: target.instanceId,
    executionId: event.OrchestrationInstance.ExecutionId,
    parentInstanceId: null,
    name: event.Name,
    version: event.Version,
    runtimeStatus: 'Pending',
    input: event.Input,
    output: null,
    customStatus: null,
    createdTime: event.Timestamp,
    lastUpdatedTime: event.Timestamp,
    completedTime: null,
    scheduledStartTime: event.ScheduledStartTime,
    generation: event.Generation,
    tags: event.Tags,
    etag,
  };
}

/** The record after a merge: fields that the patch lacks keep their value. */
export function patchedRecord(
  instanceId: InstanceId,
  record: InstanceRecord | undefined,
  patch: InstancePatch,
  etag: string,
): InstanceRecord {
  const before: InstanceRecord = record ?? {
    instanceId,
    executionId: patch.executionId,
    parentInstanceId: null,
    name: '',
    version: null,
    runtimeStatus: 'Running',
    input: null,
    output: null,
    customStatus: null,
    createdTime: patch.lastUpdatedTime,
    lastUpdatedTime: patch.lastUpdatedTime,
    completedTime: null,
    scheduledStartTime: null,
    generation: null,
    tags: null,
    etag,
  };
  // A null column of a merge leaves the stored value, except the custom status, whose null is a value.
  const { customStatus, ...columns } = patch;
  const written = Object.entries(columns).filter(([, value]) => value !== null);
  return { ...before, ...Object.fromEntries(written), customStatus, etag };
}
