import type { TableClient, TransactionAction } from '@azure/data-tables';
import { describe, expect, it } from 'vitest';
import { openStorage } from '../../src/azure-storage/clients/storage-clients.ts';
import { submitTransaction } from '../../src/azure-storage/tables/table-transaction.ts';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';

async function freshTable(): Promise<TableClient> {
  const table = openStorage(azuriteConnectionString(), undefined).table(freshHubName('Table'));
  await table.createTable();
  return table;
}

async function keysOf(table: TableClient): Promise<(string | undefined)[]> {
  const keys: (string | undefined)[] = [];
  for await (const { rowKey } of table.listEntities()) keys.push(rowKey);
  return keys;
}

describe('submitTransaction', () => {
  it('writes all 100 operations of a batch', async () => {
    const table = await freshTable();
    const keys = Array.from({ length: 100 }, (_, n) => String(n).padStart(3, '0'));

    await submitTransaction(
      table,
      keys.map((rowKey): TransactionAction => ['upsert', { partitionKey: 'a', rowKey }, 'Replace']),
    );

    expect(await keysOf(table)).toEqual(keys);
  });

  it('answers the ETag of the last entity, inserted or merged', async () => {
    const table = await freshTable();
    const entity = { partitionKey: 'a', rowKey: 'sentinel' };
    const inserted = await submitTransaction(table, [['create', entity]]);
    expect(inserted.lastEtag).toBe((await table.getEntity('a', 'sentinel')).etag);
    const options = { etag: inserted.lastEtag ?? '' };

    const merged = await submitTransaction(table, [['update', entity, 'Merge', options]]);

    expect(merged.lastEtag).toBe((await table.getEntity('a', 'sentinel')).etag);
    expect(merged.lastEtag).not.toBe(inserted.lastEtag);
  });

  it('writes nothing when one operation is refused', async () => {
    const table = await freshTable();
    await submitTransaction(table, [['create', { partitionKey: 'a', rowKey: 'sentinel' }]]);

    const refused = submitTransaction(table, [
      ['upsert', { partitionKey: 'a', rowKey: '0' }, 'Replace'],
      ['create', { partitionKey: 'a', rowKey: 'sentinel' }],
    ]);

    await expect(refused).rejects.toMatchObject({ statusCode: 409 });
    expect(await keysOf(table)).toEqual(['sentinel']);
  });

  it('is not misled by braces in a key', async () => {
    const table = await freshTable();
    const entity = { partitionKey: 'braces {"a":1}', rowKey: 'sentinel' };

    const { lastEtag } = await submitTransaction(table, [['create', entity]]);

    expect(lastEtag).toBe((await table.getEntity(entity.partitionKey, 'sentinel')).etag);
  });
});
