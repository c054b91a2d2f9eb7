import { describe, expect, it } from 'vitest';

import {
  columnBlobs,
  inflateLargeColumns,
  offloadLargeColumns,
} from '../../src/azure-storage/blobs/large-columns.ts';
import {
  historyReferences,
  referenceOwnBlobs,
} from '../../src/azure-storage/blobs/payload-reference.ts';
import type { Row } from '../../src/azure-storage/tables/row.ts';

const LONG = 'x'.repeat(30_721);
const row: Row = {
  partitionKey: 'a^0b',
  rowKey: '0000000000000001',
  EventType: 'ExecutionStarted',
  Input: LONG,
  Name: 'x'.repeat(30_720),
};
const BLOB = 'a^0b/history-0000000000000001-ExecutionStarted-3F2A9C01-Input.json.gz';
const started: Row = { ...row, Input: '', InputBlobName: BLOB };

describe('a column of more than 60 KiB of UTF-16', () => {
  it('goes to a blob named after row, event, column and a random number', async () => {
    const blobs = new Map<string, string>();

    expect(await offloadLargeColumns(row, into(blobs))).toEqual(started);
    expect([...blobs]).toEqual([[BLOB, LONG]]);
  });

  it('comes back when the row is read', async () => {
    const inflated = await inflateLargeColumns(started, () => Promise.resolve(LONG));

    expect(inflated).toEqual(row);
    expect(columnBlobs(started)).toEqual([BLOB]);
  });

  it('of an instance row is named after itself', async () => {
    const blobs = new Map<string, string>();

    await offloadLargeColumns({ partitionKey: 'p', rowKey: '', Tags: LONG }, into(blobs));

    expect([...blobs.keys()]).toEqual(['p/history--Tags-3F2A9C01-Tags.json.gz']);
  });

  it('that is not one of the nine stays where it is', async () => {
    const blobs = new Map<string, string>();
    const odd: Row = { partitionKey: 'p', rowKey: '', CustomStatus: LONG };

    expect(await offloadLargeColumns(odd, into(blobs))).toBe(odd);
  });
});

describe('the instance row of a large input or output', () => {
  const urlOf = (name: string) => `https://hub/${name}`;
  const instance: Row = { partitionKey: 'a^0b', rowKey: '', Input: LONG, RuntimeStatus: 'Running' };

  it('holds the URL of the blob that the history row names', () => {
    expect(historyReferences(instance, [started], urlOf)).toEqual({
      Input: `https://hub/${BLOB}`,
    });
  });

  it('takes its output from the result, the reason of termination, suspension or resumption', () => {
    const finished: Row = { ...instance, Output: LONG };
    const history = (EventType: string, column: string): Row[] => [
      { partitionKey: 'p', rowKey: '1', EventType, [column]: '', [`${column}BlobName`]: EventType },
    ];

    for (const [type, column] of [
      ['ExecutionCompleted', 'Result'],
      ['ExecutionTerminated', 'Input'],
      ['ExecutionSuspended', 'Reason'],
      ['ExecutionResumed', 'Reason'],
    ] as const) {
      const references = historyReferences(finished, history(type, column), urlOf);
      expect(references.Output).toBe(`https://hub/${type}`);
    }
  });

  it('takes its output from the last row that tells it', () => {
    const rows: Row[] = [
      { partitionKey: 'p', rowKey: '1', EventType: 'ExecutionSuspended', ReasonBlobName: 'long' },
      { partitionKey: 'p', rowKey: '2', EventType: 'ExecutionResumed', Reason: 'short' },
    ];

    expect(historyReferences({ ...instance, Output: 'short' }, rows, urlOf)).toEqual({});
  });

  it('stays as it is where the history row was small', () => {
    expect(historyReferences(instance, [row], urlOf)).toEqual({});
  });

  it('may name its own blob, then as a URL too', async () => {
    const offloaded = await offloadLargeColumns(instance, into(new Map()));

    expect(referenceOwnBlobs(offloaded, urlOf)).toEqual({
      ...instance,
      Input: 'https://hub/a^0b/history--Input-3F2A9C01-Input.json.gz',
    });
  });
});

function into(blobs: Map<string, string>) {
  return {
    upload: (name: string, text: string) => Promise.resolve(void blobs.set(name, text)),
    newId: () => '3f2a9c01-0000-4000-8000-000000000000',
  };
}
