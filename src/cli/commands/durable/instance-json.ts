/**
 * Instances as JSON, in two forms. Core Tools prints the state object of the .NET engine as it is: statuses are numbers, and
 * payloads are JSON texts within strings. With `--json` it is the shape of the management API: names, and payloads as values.
 */
import { UNSET_TIME } from '../../../core/entity/tick-time.ts';
import { ORCHESTRATION_STATUS_NUMBERS } from '../../../core/history-event.ts';
import type { InstanceRecord, RuntimeStatus } from '../../../core/instance-status.ts';
import { netTime } from '../../../base/net-time.ts';
import { embedPayload, jsonObject, type JsonText } from '../../../base/json-text.ts';

/** DurableTask.Core.OrchestrationState, its members in the order of Json.NET; to be indented. */
export function orchestrationState(record: InstanceRecord): object {
  return {
    CompletedTime: record.completedTime === null ? UNSET_TIME : netTime(record.completedTime),
    CompressedSize: 0,
    CreatedTime: netTime(record.createdTime),
    Input: record.input,
    LastUpdatedTime: netTime(record.lastUpdatedTime),
    Name: record.name,
    OrchestrationInstance: {
      InstanceId: record.instanceId,
      ExecutionId: record.executionId,
    },
    OrchestrationStatus: statusNumber(record.runtimeStatus),
    Output: record.output,
    ParentInstance: parentInstance(record),
    Size: 0,
    Status: record.customStatus,
    Tags: record.tags,
    Version: record.version,
  };
}

/** The row of an instance knows no more of its parent than its id. */
function parentInstance({ parentInstanceId }: InstanceRecord): object | null {
  if (parentInstanceId === null) return null;
  return {
    Name: null,
    OrchestrationInstance: { InstanceId: parentInstanceId, ExecutionId: null },
    TaskScheduleId: 0,
    Version: null,
  };
}

/** That of `Unknown` is OrchestrationRuntimeStatus's: the engine has none. */
function statusNumber(status: RuntimeStatus): number {
  return status === 'Unknown' ? -1 : ORCHESTRATION_STATUS_NUMBERS[status];
}

/** The shape of the management API, with times as they are stored. */
export function instanceJson(record: InstanceRecord): JsonText {
  const text = (value: unknown): JsonText => JSON.stringify(value);
  return jsonObject([
    ['name', text(record.name)],
    ['instanceId', text(record.instanceId)],
    ['executionId', text(record.executionId)],
    ['parentInstanceId', text(record.parentInstanceId)],
    ['runtimeStatus', text(record.runtimeStatus)],
    ['input', embedPayload(record.input)],
    ['customStatus', embedPayload(record.customStatus)],
    ['output', embedPayload(record.output)],
    ['createdTime', text(record.createdTime)],
    ['lastUpdatedTime', text(record.lastUpdatedTime)],
    ['completedTime', text(record.completedTime)],
    ['version', text(record.version)],
    ['tags', text(record.tags)],
  ]);
}

/** As Json.NET indents. */
export function indented(value: unknown): string {
  return JSON.stringify(value, null, 2);
}
