import { describe, expect, it } from 'vitest';

import { decodeMessage } from '../../src/azure-storage/queues/message-codec.ts';
import { fromInstanceRow, toStartRow } from '../../src/azure-storage/tables/instance-codec.ts';
import { isStartMessage } from '../../src/core/task-message.ts';
import type { RecordedRow } from './recordings.ts';
import { asRead, asSent, goldenFile, ownColumns } from './recordings.ts';
import { recodedInstanceRow } from './round-trip.ts';

describe('instance rows written by .NET', () => {
  it('decode, and encode to themselves, column by column with types', () => {
    const rows = goldenFile<RecordedRow>('instance-rows', 'rows.json');

    for (const row of rows) {
      // A row that no episode has written yet has no custom status; a commit always writes one.
      expect(recodedInstanceRow(row)).toEqual({ CustomStatus: 'null', ...ownColumns(row) });
    }
  });

  it('are what a commit of ours merges', () => {
    const commits = goldenFile<RecordedRow>('instance-rows', 'commits.json');

    expect(commits.map(recodedInstanceRow)).toEqual(commits.map(ownColumns));
  });

  it('of a start follow from its message', () => {
    const starts = goldenFile<{ message: string; row: RecordedRow }>(
      'instance-rows',
      'starts.json',
    );

    for (const { message, row } of starts) {
      const decoded = decodeMessage(message);
      if (decoded.kind !== 'message' || !isStartMessage(decoded.message)) expect.unreachable();
      const { TaskHubName: hub, LastUpdatedTime: now } = row;
      // 3.14 did not say that there is no parent.
      expect(asSent(toStartRow(decoded.message, String(hub), String(now)))).toEqual({
        ParentInstanceId: '',
        ...ownColumns(row),
      });
    }
  });

  it('keep the 100 ns digits of their times', () => {
    const [row] = goldenFile<RecordedRow>('instance-rows', 'rows.json');

    const record = fromInstanceRow(asRead(row ?? {}));

    expect(record.createdTime).toMatch(/\.\d{7}Z$/);
    expect(record.createdTime).toBe(row?.['CreatedTime']);
  });
});
