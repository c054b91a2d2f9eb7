import { TableClient } from '@azure/data-tables';
import { describe, expect, it } from 'vitest';

import { hubNames } from '../../src/azure-storage/names.ts';
import { decodeMessage } from '../../src/azure-storage/queues/message-codec.ts';
import { fromHistoryRow, toHistoryRow } from '../../src/azure-storage/tables/history-codec.ts';
import {
  fromInstanceRow,
  toPatchRow,
  toStartRow,
} from '../../src/azure-storage/tables/instance-codec.ts';
import type { Row } from '../../src/azure-storage/tables/row.ts';
import {
  historyFilter,
  instanceColumns,
  instanceFilter,
} from '../../src/azure-storage/tables/status-query.ts';
import { isStartMessage } from '../../src/core/task-message.ts';
import { goldenFile } from '../golden/recordings.ts';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';

const READ = { disableTypeConversion: true } as const;

describe('rows in the table service', () => {
  it('of the history come back as the events they were, of every type', async () => {
    const table = await freshTable('historyTable');
    const events = messages().map(({ event }) => event);
    const at = { instanceId: "it's/1", executionId: 'e1', storeInputs: true };

    for (const [index, event] of events.entries()) {
      await table.upsertEntity(toHistoryRow(event, { ...at, index }), 'Replace');
    }

    const rows = await readAll(table, { filter: historyFilter("it's/1", 'e1') });
    expect(rows.map((row) => fromHistoryRow(row))).toEqual(
      events.map((event) => ({ executionId: 'e1', event })),
    );
  });

  it('of instances are found by filter, without the payloads that are not wanted', async () => {
    const table = await freshTable('instancesTable');
    const query = {
      pageSize: 10,
      includeInput: false,
      includeOutput: true,
      instanceIdPrefix: 'order-',
    };
    await table.createEntity(startRow());
    const done = {
      executionId: 'e1',
      lastUpdatedTime: '2026-01-31T11:00:00Z',
      customStatus: '"ok"',
    };
    await table.upsertEntity(toPatchRow('order-1', { ...done, output: '7' }, 'MyHub'), 'Merge');

    const select = instanceColumns(query) ?? [];
    const rows = await readAll(table, { filter: instanceFilter(query) ?? '', select });

    expect(rows.map((row) => fromInstanceRow(row))).toMatchObject([
      { instanceId: 'order-1', input: null, output: '7', customStatus: '"ok"', generation: 3 },
    ]);
    expect(fromInstanceRow(rows[0] ?? {}).etag).toMatch(/^W\//);
  });
});

function messages() {
  return goldenFile<string>('queue-messages', 'every-event-type.json').map((text) => {
    const decoded = decodeMessage(text);
    return decoded.kind === 'message' ? decoded.message : expect.unreachable();
  });
}

function startRow(): Row {
  const start = messages().find(isStartMessage) ?? expect.unreachable();
  return toStartRow(start, 'MyHub', '2026-01-31T10:00:01Z');
}

async function freshTable(kind: 'historyTable' | 'instancesTable'): Promise<TableClient> {
  const name = hubNames(freshHubName(), 1)[kind];
  const options = { allowInsecureConnection: true };
  const table = TableClient.fromConnectionString(azuriteConnectionString(), name, options);
  await table.createTable();
  return table;
}

async function readAll(table: TableClient, queryOptions: { filter: string; select?: string[] }) {
  const rows: Record<string, unknown>[] = [];
  for await (const row of table.listEntities({ ...READ, queryOptions })) rows.push(row);
  return rows;
}
