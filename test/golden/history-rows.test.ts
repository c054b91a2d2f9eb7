import { describe, expect, it } from 'vitest';

import { fromHistoryRow } from '../../src/azure-storage/tables/history-codec.ts';
import type { RecordedRow } from './recordings.ts';
import { asRead, goldenFile, goldenFiles, ownColumns } from './recordings.ts';
import { recodedHistoryRow } from './round-trip.ts';

const SEPARATE = ['every-event-type.json', 'rewound.json'];

describe('history rows written by .NET', () => {
  const files = goldenFiles<RecordedRow>('history-rows');

  it.each(files.filter(([name]) => !SEPARATE.includes(name)))(
    'of %s decode and encode to themselves, column by column with types',
    async (_, rows) => {
      const again = await Promise.all(rows.map(recodedHistoryRow));

      expect(again).toEqual(rows.map(ownColumns));
    },
  );

  it('that a rewind neutralised read as what they are now, their former columns ignored', () => {
    const rows = goldenFile<RecordedRow>('history-rows', 'rewound.json');

    const events = rows.map((row) => fromHistoryRow(asRead(row)).event);

    expect(events.length).toBeGreaterThan(0);
    for (const event of events)
      expect(event).toMatchObject({ EventType: 'GenericEvent', Data: null });
  });
});
