import { describe, expect, it } from 'vitest';

import { decodeMessage } from '../../src/azure-storage/queues/message-codec.ts';
import { toHistoryRow } from '../../src/azure-storage/tables/history-codec.ts';
import { EVENT_TYPE_NUMBERS } from '../../src/core/history-event.ts';
import type { RecordedRow } from './recordings.ts';
import { asSent, goldenFile, goldenFiles, ownColumns } from './recordings.ts';
import { asWeWrite, recodedMessage } from './round-trip.ts';

describe('queue messages written by .NET', () => {
  it.each(goldenFiles<string>('queue-messages'))(
    'of %s decode and encode to themselves, byte for byte',
    (_, texts) => {
      expect(texts.map(recodedMessage)).toEqual(texts.map(asWeWrite));
    },
  );

  it('are there for every event type', () => {
    const texts = goldenFile<string>('queue-messages', 'every-event-type.json');

    const types = texts.map((text) => {
      const decoded = decodeMessage(text);
      return decoded.kind === 'message' ? decoded.message.event.EventType : 'stub';
    });

    expect(types.toSorted()).toEqual(Object.keys(EVENT_TYPE_NUMBERS).toSorted());
  });

  it.each(
    goldenFile<{ message: string; columns: RecordedRow }>(
      'history-rows',
      'every-event-type.json',
    ).map((golden) => [golden.columns['EventType'], golden] as const),
  )('of %s become the history row that .NET makes of them', (_, { message, columns }) => {
    const decoded = decodeMessage(message);
    if (decoded.kind !== 'message') expect.unreachable();

    const at = { instanceId: 'i', executionId: 'e', index: 0, storeInputs: true };
    const sent = asSent(toHistoryRow(decoded.message.event, at));

    const types = Object.entries(sent).filter(([name]) => name.endsWith('@odata.type'));
    const keys = { PartitionKey: 'i', RowKey: '0000000000000000', ExecutionId: 'e' };
    expect(sent).toEqual({ ...ownColumns(columns), ...keys, ...Object.fromEntries(types) });
  });
});
