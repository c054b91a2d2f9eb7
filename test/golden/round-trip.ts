/** Decodes a recording and encodes it again, as the golden tests and the test over all recordings compare it. */
import {
  offloadLargeColumns,
  inflateLargeColumns,
} from '../../src/azure-storage/blobs/large-columns.ts';
import {
  decodeMessage,
  encodeMessage,
  encodeStub,
} from '../../src/azure-storage/queues/message-codec.ts';
import {
  fromHistoryRow,
  SENTINEL_ROW_KEY,
  sentinelRow,
  toHistoryRow,
} from '../../src/azure-storage/tables/history-codec.ts';
import { fromInstanceRow, toPatchRow } from '../../src/azure-storage/tables/instance-codec.ts';
import { unescapeKey } from '../../src/azure-storage/key-escape.ts';
import type { StoredRow } from '../../src/azure-storage/tables/row.ts';
import { flagColumn, textColumn } from '../../src/azure-storage/tables/row.ts';
import type { InstancePatch } from '../../src/core/instance-status.ts';
import type { RecordedRow } from './recordings.ts';
import { asRead, asSent } from './recordings.ts';

/**
 * The message with the one thing that we write otherwise: an entity that has never committed sends `null` as its execution
 * id, we an empty text. Nobody reads it.
 */
export function asWeWrite(text: string): string {
  return text.replace(
    /("Sender":\{"InstanceId":"[^"]*","ExecutionId":)null(\},"SerializableTraceContext":null\})$/,
    '$1""$2',
  );
}

export function recodedMessage(text: string): string {
  const decoded = decodeMessage(text);
  return decoded.kind === 'stub'
    ? encodeStub(decoded.blobName)
    : encodeMessage(decoded.message, decoded);
}

export async function recodedHistoryRow(recorded: RecordedRow): Promise<RecordedRow> {
  const row = asRead(recorded);
  if (row['rowKey'] === SENTINEL_ROW_KEY) return asSent(recodedSentinel(row));
  const inflated = await inflateLargeColumns(row, () => Promise.resolve('x'.repeat(30_721)));
  const { event, executionId } = fromHistoryRow(inflated);
  const again = toHistoryRow(event, {
    instanceId: unescapeKey(String(row['partitionKey'])),
    executionId,
    index: Number.parseInt(String(row['rowKey']), 16),
    storeInputs: true,
  });
  const offloaded = await offloadLargeColumns(again, {
    upload: () => Promise.resolve(),
    newId: () => `${blobNumber(recorded)}-0000-0000-0000-000000000000`,
  });
  return asSent(offloaded);
}

/** What a commit that changes every column of the row would send. */
export function recodedInstanceRow(recorded: RecordedRow): RecordedRow {
  const row = asRead(recorded);
  const record = fromInstanceRow(row);
  const patch: InstancePatch = {
    executionId: record.executionId ?? '',
    lastUpdatedTime: record.lastUpdatedTime,
    customStatus: record.customStatus,
    version: record.version,
    input: record.input,
    output: record.output,
    ...('RuntimeStatus' in row ? { runtimeStatus: record.runtimeStatus } : {}),
    ...('ParentInstanceId' in row ? { parentInstanceId: record.parentInstanceId } : {}),
    ...('Name' in row ? { name: record.name } : {}),
    ...('CreatedTime' in row ? { createdTime: record.createdTime } : {}),
    ...('Tags' in row ? { tags: record.tags } : {}),
    ...(record.completedTime === null ? {} : { completedTime: record.completedTime }),
    ...(record.generation === null ? {} : { generation: record.generation }),
  };
  return asSent(toPatchRow(record.instanceId, patch, textColumn(row, 'TaskHubName') ?? ''));
}

function recodedSentinel(row: StoredRow) {
  return sentinelRow({
    instanceId: unescapeKey(String(row['partitionKey'])),
    executionId: textColumn(row, 'ExecutionId') ?? '',
    isComplete: flagColumn(row, 'IsCheckpointComplete') ?? false,
    completedAt: textColumn(row, 'CheckpointCompletedTimestamp') ?? '',
  });
}

/** The random part of the name of the row's blob: `…/history-0000000000000001-ExecutionStarted-40EF2470-Input.json.gz`. */
function blobNumber(recorded: RecordedRow): string {
  return /-([0-9A-F]{8})-[A-Za-z]+\.json\.gz/.exec(JSON.stringify(recorded))?.[1] ?? '00000000';
}
