/**
 * Instances rows, one per instance: what a start inserts, what a commit merges, and what clients read.
 * Mirrors AzureTableTrackingStore.SetNewExecutionAsync, UpdateStateAsync and ConvertFromAsync.
 */
import { CorruptMessageError } from '../../core/errors.ts';
import type { Tags } from '../../core/history-event.ts';
import { toInstanceId } from '../../core/ids.ts';
import type { InstancePatch, InstanceRecord, RuntimeStatus } from '../../core/instance-status.ts';
import { RUNTIME_STATUSES } from '../../core/instance-status.ts';
import type { StartMessage } from '../../core/task-message.ts';
import { UNSET_TIME } from '../data-contract/contract-time.ts';
import { readValue } from '../data-contract/contract-reader.ts';
import { writeValue } from '../data-contract/contract-writer.ts';
import { escapeKey, unescapeKey } from '../key-escape.ts';
import type { ColumnValue, Row, StoredRow } from './row.ts';
import { dateTimeColumn, describeRow, integerColumn, jsonColumn, textColumn } from './row.ts';

const INSTANCE_ROW_KEY = '';
/** Text columns cannot be null: `null` as JSON says "none". */
const NONE = 'null';
const NO_PARENT = '';

/** Identifies the row of an instance. */
export function instanceKey(instanceId: string) {
  return { partitionKey: escapeKey(instanceId), rowKey: INSTANCE_ROW_KEY };
}

/**
 * The row of an instance that was asked for and has not run yet.
 * @param now ISO 8601 time.
 */
export function toStartRow({ event, target }: StartMessage, taskHub: string, now: string): Row {
  return toRow(target.instanceId, {
    Input: event.Input,
    CreatedTime: dateTimeColumn(event.Timestamp),
    Name: event.Name,
    Version: event.Version,
    RuntimeStatus: 'Pending' satisfies RuntimeStatus,
    LastUpdatedTime: dateTimeColumn(now),
    TaskHubName: taskHub,
    ScheduledStartTime: optionalTime(event.ScheduledStartTime),
    ExecutionId: event.OrchestrationInstance.ExecutionId,
    Generation: event.Generation,
    Tags: tagsText(event.Tags),
    ParentInstanceId: NO_PARENT,
  });
}

/** The columns that a commit changes; to be merged into the row. Null leaves a stored value as it is, as in .NET. */
export function toPatchRow(instanceId: string, patch: InstancePatch, taskHub: string): Row {
  return toRow(instanceId, {
    CustomStatus: patch.customStatus ?? NONE,
    ExecutionId: patch.executionId,
    LastUpdatedTime: dateTimeColumn(patch.lastUpdatedTime),
    TaskHubName: taskHub,
    ParentInstanceId:
      patch.parentInstanceId === undefined ? undefined : (patch.parentInstanceId ?? NO_PARENT),
    Name: patch.name,
    Version: patch.version,
    CreatedTime: optionalTime(patch.createdTime),
    RuntimeStatus: patch.runtimeStatus,
    Tags: patch.tags === undefined ? undefined : tagsText(patch.tags),
    Generation: patch.generation,
    ScheduledStartTime: optionalTime(patch.scheduledStartTime),
    Input: patch.input,
    CompletedTime: optionalTime(patch.completedTime),
    Output: patch.output,
  });
}

/**
 * Reads a row, whole or projected. Payloads are as stored: see `resolvePayload` for those that are in a blob. A column that
 * holds something else than it should counts as none; such a status is `Unknown`.
 */
export function fromInstanceRow(row: StoredRow): InstanceRecord {
  const text = (name: string) => textColumn(row, name) ?? null;
  const customStatus = text('CustomStatus');
  return {
    instanceId: toInstanceId(unescapeKey(String(row['partitionKey']))),
    executionId: text('ExecutionId'),
    parentInstanceId: text('ParentInstanceId') || null,
    name: text('Name') ?? '',
    version: text('Version'),
    runtimeStatus: readRuntimeStatus(row),
    input: text('Input'),
    output: text('Output'),
    customStatus: customStatus === NONE ? null : customStatus,
    createdTime: text('CreatedTime') ?? UNSET_TIME,
    lastUpdatedTime: text('LastUpdatedTime') ?? UNSET_TIME,
    completedTime: text('CompletedTime'),
    scheduledStartTime: text('ScheduledStartTime'),
    generation: unlessCorrupt(() => integerColumn(row, 'Generation')) ?? null,
    tags: unlessCorrupt(() => readTags(row)) ?? null,
    etag: typeof row['etag'] === 'string' ? row['etag'] : '',
  };
}

/** A row that only an episode wrote (its start row was purged meanwhile) has no status yet: it runs. */
function readRuntimeStatus(row: StoredRow): RuntimeStatus {
  const text = textColumn(row, 'RuntimeStatus') ?? 'Running';
  return RUNTIME_STATUSES.find((name) => name === text) ?? 'Unknown';
}

function readTags(row: StoredRow): Tags | null {
  return readValue('tags', jsonColumn(row, 'Tags'), `${describeRow(row)}: column Tags`);
}

/** What somebody wrote into the row must hide neither the rest of it nor the other rows of a list. */
function unlessCorrupt<Value>(read: () => Value): Value | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof CorruptMessageError) return undefined;
    throw error;
  }
}

function toRow(
  instanceId: string,
  columns: Readonly<Record<string, ColumnValue | null | undefined>>,
): Row {
  const present = Object.entries(columns).filter(
    (column): column is [string, ColumnValue] => column[1] !== null && column[1] !== undefined,
  );
  return { ...Object.fromEntries(present), ...instanceKey(instanceId) };
}

function optionalTime(time: string | null | undefined) {
  return time === null || time === undefined ? undefined : dateTimeColumn(time);
}

function tagsText(tags: Tags | null): string {
  return writeValue('tags', tags, 'plain');
}
