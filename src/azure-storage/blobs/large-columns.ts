/**
 * Text columns too long for a table go to a blob: column `X` becomes empty and `XBlobName` names the blob.
 * Mirrors AzureTableTrackingStore.CompressLargeMessageAsync and DecompressLargeEntityProperties.
 */
import type { Row, StoredRow } from '../tables/row.ts';
import { textColumn } from '../tables/row.ts';

/** The columns that may be long; others never leave the table. VariableSizeEntityProperties. */
export const LARGE_COLUMNS = [
  'Name',
  'Input',
  'Result',
  'Output',
  'Reason',
  'Details',
  'Correlation',
  'FailureDetails',
  'Tags',
] as const;

const BLOB_NAME_COLUMNS = LARGE_COLUMNS.map((column) => `${column}BlobName`);

/** Longest text, in UTF-16 units, that stays in a column: 60 KiB of UTF-16. MaxTablePropertySizeInBytes. */
const MAX_COLUMN_UNITS = 30_720;

export interface OffloadOptions {
  readonly upload: (blobName: string, text: string) => Promise<void>;
  /** Whether a text goes to a blob however short it is. @default none does */
  readonly isUnsafe?: (column: string, text: string) => boolean;
  /** A GUID. Part of the blob's name, so that two workers never overwrite each other's blobs. */
  readonly newId: () => string;
}

/** Whether the row has columns that cannot stay in a table. */
export function hasLargeColumns(row: Row): boolean {
  return LARGE_COLUMNS.some((column) => {
    const text = row[column];
    return typeof text === 'string' && text.length > MAX_COLUMN_UNITS;
  });
}

/** Uploads the long columns of a row to be written, and the unsafe ones. The result is the same row where there is none. */
export async function offloadLargeColumns(
  row: Row,
  { upload, newId, isUnsafe = () => false }: OffloadOptions,
): Promise<Row> {
  let result = row;
  for (const column of LARGE_COLUMNS) {
    const text = row[column];
    if (typeof text !== 'string') continue;
    if (text.length <= MAX_COLUMN_UNITS && !isUnsafe(column, text)) continue;
    const blobName = columnBlobName(row, column, newId());
    await upload(blobName, text);
    result = { ...result, [column]: '', [`${column}BlobName`]: blobName };
  }
  return result;
}

/** Downloads the long columns of a row that was read, and forgets where they were. */
export async function inflateLargeColumns(
  row: StoredRow,
  download: (blobName: string) => Promise<string>,
): Promise<StoredRow> {
  const inflated = new Map(Object.entries(row));
  for (const column of LARGE_COLUMNS) {
    const blobName = textColumn(row, `${column}BlobName`);
    if (!blobName) continue;
    inflated.set(column, await download(blobName)).delete(`${column}BlobName`);
  }
  return Object.fromEntries(inflated);
}

/** The blobs that hold columns of this row. */
export function columnBlobs(row: StoredRow): string[] {
  return BLOB_NAME_COLUMNS.flatMap((column) => textColumn(row, column) ?? []);
}

/** Rows of the Instances table have no event type: the column's name stands in. */
function columnBlobName(row: Row, column: string, id: string): string {
  const eventType = row['EventType'];
  const type = typeof eventType === 'string' ? eventType : column;
  const random = id.replaceAll('-', '').slice(0, 8).toUpperCase();
  return `${row.partitionKey}/history-${row.rowKey}-${type}-${random}-${column}.json.gz`;
}
