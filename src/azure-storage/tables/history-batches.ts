/**
 * How a commit is cut into transactions. .NET estimates rows by their UTF-16 size; the service counts the bytes of the
 * request, and those can be many more (JSON escapes, three bytes for a character of most scripts): the larger one decides.
 */
import { estimatedRowBytes } from './history-codec.ts';
import type { Row } from './row.ts';

/** With the sentinel a batch has at most 100 operations, which is the service's limit. */
export const MAX_BATCH_ROWS = 99;
/** The service's limit is 4 MiB of request; ours leaves room for what surrounds the rows. */
const MAX_BATCH_BYTES = 3 * 1024 * 1024;
/** Headers of one operation within a batch. */
const OPERATION_BYTES = 1024;

/** Splits rows so that each batch fits into one transaction. Always at least one batch: the sentinel is written in any case. */
export function toBatches(rows: readonly Row[]): readonly (readonly Row[])[] {
  if (fitIntoOne(rows)) return [rows];
  const batches: Row[][] = [[]];
  let bytes = 0;
  for (const row of rows) {
    const rowBytes = bytesOf(row);
    const batch = batches.at(-1);
    const isFull = batch === undefined || batch.length === MAX_BATCH_ROWS;
    if (isFull || (batch.length > 0 && bytes + rowBytes > MAX_BATCH_BYTES)) {
      batches.push([row]);
      bytes = rowBytes;
    } else {
      batch.push(row);
      bytes += rowBytes;
    }
  }
  return batches;
}

/** Most bytes of JSON for one unit of UTF-16, an escape, and for what is no text; no name or number of ours is longer. */
const MOST_UNIT_BYTES = 6;
const MOST_OTHER_BYTES = 128;

/** Whether rows are so few and so short that none of them has to be written to see that one transaction holds them. */
function fitIntoOne(rows: readonly Row[]): boolean {
  if (rows.length > MAX_BATCH_ROWS) return false;
  let bytes = 0;
  for (const row of rows) {
    bytes += OPERATION_BYTES;
    for (const value of Object.values(row)) {
      bytes += MOST_OTHER_BYTES;
      if (typeof value === 'string') bytes += value.length * MOST_UNIT_BYTES;
    }
  }
  return bytes <= MAX_BATCH_BYTES;
}

function bytesOf(row: Row): number {
  return Math.max(estimatedRowBytes(row), OPERATION_BYTES + Buffer.byteLength(JSON.stringify(row)));
}
