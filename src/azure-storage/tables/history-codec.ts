/**
 * History rows: one per event, columns derived mechanically from the members of its .NET class, plus one sentinel row that
 * carries the concurrency token. Mirrors TableEntityConverter and AzureTableTrackingStore.UpdateStateAsync.
 */
import type { HistoryEvent } from '../../core/history-event.ts';
import { LARGE_COLUMNS } from '../blobs/large-columns.ts';
import type { ContractKind } from '../data-contract/contract-types.ts';
import { writeValue } from '../data-contract/contract-writer.ts';
import {
  buildEvent,
  eventMembers,
  memberOf,
  parseEventType,
} from '../data-contract/event-members.ts';
import { escapeKey, unescapeKey } from '../key-escape.ts';
import type { ColumnValue, Row, StoredRow } from './row.ts';
import {
  dateTimeColumn,
  describeRow,
  flagColumn,
  integerColumn,
  jsonColumn,
  textColumn,
} from './row.ts';

/** Sorts after the keys of all events. */
export const SENTINEL_ROW_KEY = 'sentinel';

/** @param index position of the event in the history of its execution. */
export function historyRowKey(index: number): string {
  return index.toString(16).toUpperCase().padStart(16, '0');
}

export interface HistoryRowPlace {
  readonly instanceId: string;
  readonly executionId: string;
  readonly index: number;
  /** Whether inputs of activities and sub-orchestrations are kept (storeInputsInOrchestrationHistory). */
  readonly storeInputs: boolean;
}

export function toHistoryRow(event: HistoryEvent, at: HistoryRowPlace): Row {
  const columns: [string, ColumnValue][] = [];
  const leavesOutInput =
    !at.storeInputs &&
    (event.EventType === 'TaskScheduled' || event.EventType === 'SubOrchestrationInstanceCreated');
  for (const [name, kind] of eventMembers(event.EventType)) {
    if (name === 'Input' && leavesOutInput) continue;
    const column = kind === 'eventType' ? event.EventType : toColumn(event, name, kind);
    if (column !== undefined) columns.push([columnName(name), column]);
  }
  return {
    ExecutionId: at.executionId,
    ...Object.fromEntries(columns),
    partitionKey: escapeKey(at.instanceId),
    rowKey: historyRowKey(at.index),
  };
}

/**
 * @param row with its large columns inflated.
 * @throws {CorruptMessageError} an unknown event type, or a column that does not hold what its event needs.
 */
export function fromHistoryRow(row: StoredRow): {
  readonly executionId: string;
  readonly event: HistoryEvent;
} {
  const place = describeRow(row);
  const type = parseEventType(textColumn(row, 'EventType'), `${place}: column EventType`);
  const executionId = textColumn(row, 'ExecutionId') ?? '';
  const event = buildEvent(type, {
    find: (name, kind) => fromColumn(kind, row, columnName(name)),
    pathOf: (name) => `${place}: column ${columnName(name)}`,
    instance: {
      InstanceId: unescapeKey(String(row['partitionKey'])),
      ExecutionId: executionId,
    },
  });
  return { executionId, event };
}

export interface Sentinel {
  readonly instanceId: string;
  readonly executionId: string;
  /** Whether it goes with the last batch of a commit. */
  readonly isComplete: boolean;
  /** Written only when complete. */
  readonly completedAt: string;
}

export function sentinelRow({ instanceId, executionId, isComplete, completedAt }: Sentinel): Row {
  return {
    partitionKey: escapeKey(instanceId),
    rowKey: SENTINEL_ROW_KEY,
    ExecutionId: executionId,
    IsCheckpointComplete: isComplete,
    ...(isComplete ? { CheckpointCompletedTimestamp: dateTimeColumn(completedAt) } : {}),
  };
}

/** What a row counts towards the size of a batch: 1 KiB plus its long texts as UTF-16. GetEstimatedByteCount. */
export function estimatedRowBytes(row: Row): number {
  return LARGE_COLUMNS.reduce((bytes, name) => {
    const value = row[name];
    return typeof value === 'string' ? bytes + 2 * value.length : bytes;
  }, 1024);
}

/** The service keeps `Timestamp` for itself. */
function columnName(member: string): string {
  return member === 'Timestamp' ? '_Timestamp' : member;
}

/** undefined: the column stays absent. */
function toColumn(event: HistoryEvent, name: string, kind: ContractKind): ColumnValue | undefined {
  switch (kind) {
    case 'text':
    case 'optionalText':
    case 'integer':
    case 'optionalInteger':
    case 'flag':
    case 'status':
      return memberOf(event, [name, kind]) ?? undefined;
    case 'time':
    case 'optionalTime': {
      const time = memberOf(event, [name, kind]);
      return time === null ? undefined : dateTimeColumn(time);
    }
    case 'instance':
    case 'parent':
    case 'traceContext':
    case 'failure':
    case 'tags':
    case 'json':
      // null too: such a column holds the text `null`.
      return writeValue(kind, memberOf(event, [name, kind]), 'plain');
  }
}

function fromColumn(kind: ContractKind, row: StoredRow, name: string): unknown {
  switch (kind) {
    case 'text':
    case 'optionalText':
    case 'time':
    case 'optionalTime':
    case 'status':
      return textColumn(row, name);
    case 'integer':
    case 'optionalInteger':
      return integerColumn(row, name);
    case 'flag':
      return flagColumn(row, name);
    case 'instance':
    case 'parent':
    case 'traceContext':
    case 'failure':
    case 'tags':
    case 'json':
      return jsonColumn(row, name);
  }
}
