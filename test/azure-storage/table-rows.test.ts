import type { TableClient, TransactionAction } from '@azure/data-tables';
import { describe, expect, it } from 'vitest';
import { openStorage } from '../../src/azure-storage/clients/storage-clients.ts';
import type { TableRows } from '../../src/azure-storage/requests/table-rows.ts';
import { codeOf, statusOf, storageCall } from '../../src/azure-storage/storage-error.ts';
import { azuriteConnectionString, freshHubName } from '../support/azurite.ts';

async function freshTable(): Promise<{ table: TableClient; rows: TableRows }> {
  const storage = openStorage(azuriteConnectionString(), undefined);
  const name = freshHubName('Table');
  const table = storage.table(name);
  await table.createTable();
  return { table, rows: storage.rows(name) };
}

async function keysOf(table: TableClient): Promise<(string | undefined)[]> {
  const keys: (string | undefined)[] = [];
  for await (const { rowKey } of table.listEntities()) keys.push(rowKey);
  return keys;
}

/** What storage says to a call that it refuses. */
async function refusal(call: () => Promise<unknown>) {
  const error: unknown = await storageCall('write', call).catch((thrown: unknown) => thrown);
  expect(statusOf(error)).toBeGreaterThanOrEqual(400);
  return [statusOf(error), codeOf(error), (error as Error).message.replace(/\n.*/s, '')];
}

describe('a transaction', () => {
  it('writes all 100 operations of a batch', async () => {
    const { table, rows } = await freshTable();
    const keys = Array.from({ length: 100 }, (_, n) => String(n).padStart(3, '0'));

    await rows.submit(
      keys.map((rowKey): TransactionAction => ['upsert', { partitionKey: 'a', rowKey }, 'Replace']),
    );

    expect(await keysOf(table)).toEqual(keys);
  });

  it('answers the ETag of the last entity, inserted or merged', async () => {
    const { table, rows } = await freshTable();
    const entity = { partitionKey: 'a', rowKey: 'sentinel' };
    const inserted = await rows.submit([['create', entity]]);
    expect(inserted.lastEtag).toBe((await table.getEntity('a', 'sentinel')).etag);
    const options = { etag: inserted.lastEtag ?? '' };

    const merged = await rows.submit([['update', entity, 'Merge', options]]);

    expect(merged.lastEtag).toBe((await table.getEntity('a', 'sentinel')).etag);
    expect(merged.lastEtag).not.toBe(inserted.lastEtag);
  });

  it('writes nothing when one operation is refused', async () => {
    const { table, rows } = await freshTable();
    await rows.submit([['create', { partitionKey: 'a', rowKey: 'sentinel' }]]);

    const refused = rows.submit([
      ['upsert', { partitionKey: 'a', rowKey: '0' }, 'Replace'],
      ['create', { partitionKey: 'a', rowKey: 'sentinel' }],
    ]);

    await expect(refused).rejects.toMatchObject({ statusCode: 409 });
    expect(await keysOf(table)).toEqual(['sentinel']);
  });

  it('is not misled by braces in a key', async () => {
    const { table, rows } = await freshTable();
    const entity = { partitionKey: 'braces {"a":1}', rowKey: 'sentinel' };

    const { lastEtag } = await rows.submit([['create', entity]]);

    expect(lastEtag).toBe((await table.getEntity(entity.partitionKey, 'sentinel')).etag);
  });

  it('deletes rows', async () => {
    const { table, rows } = await freshTable();
    for (const rowKey of ['1', '2', '3']) await rows.insert({ partitionKey: 'a', rowKey });

    await rows.submit([
      ['delete', { partitionKey: 'a', rowKey: '1' }],
      ['delete', { partitionKey: 'a', rowKey: '3' }],
    ]);

    expect(await keysOf(table)).toEqual(['2']);
  });
});

describe('a row', () => {
  const stored = { partitionKey: `it's "ä €"`, rowKey: '' };

  it('is inserted, merged and replaced with the types of its columns', async () => {
    const { table, rows } = await freshTable();
    const time = { type: 'DateTime', value: '2026-11-29T17:28:03.1234567Z' } as const;
    const read = async () => {
      const {
        etag: _etag,
        timestamp: _timestamp,
        ...row
      } = await table.getEntity(stored.partitionKey, stored.rowKey, {
        disableTypeConversion: true,
      });
      return row;
    };

    await rows.insert({ ...stored, text: 'ä\u2028\u{1f600}', number: 7, flag: true, time });
    expect(await read()).toMatchObject({
      ...stored,
      text: { type: 'String', value: 'ä\u2028\u{1f600}' },
      number: { type: 'Int32', value: '7' },
      flag: { type: 'Boolean', value: 'true' },
      time,
    });

    await rows.merge({ ...stored, number: 8 });
    expect(await read()).toMatchObject({ number: { value: '8' }, time });

    const { etag } = await table.getEntity(stored.partitionKey, stored.rowKey);
    await rows.replace({ ...stored, number: 9 }, etag);
    expect(await read()).toEqual({
      'odata.metadata': expect.any(Object) as unknown,
      ...stored,
      number: { type: 'Int32', value: '9' },
    });
  });

  it('is refused in the words that the table client has for it', async () => {
    const { table, rows } = await freshTable();
    const storage = openStorage(azuriteConnectionString(), undefined);
    const nowhere = freshHubName('Nowhere');
    const missing = { table: storage.table(nowhere), rows: storage.rows(nowhere) };
    await rows.insert(stored);
    const etag = 'W/"datetime\'2020-01-01T00%3A00%3A00.0000000Z\'"';
    const other = { partitionKey: 'other', rowKey: 'row' };

    const pairs: readonly (readonly [() => Promise<unknown>, () => Promise<unknown>])[] = [
      [() => rows.insert(stored), () => table.createEntity(stored)],
      [() => rows.merge(stored, etag), () => table.updateEntity(stored, 'Merge', { etag })],
      [() => rows.replace(other, '*'), () => table.updateEntity(other, 'Replace', { etag: '*' })],
      [() => missing.rows.insert(stored), () => missing.table.createEntity(stored)],
      [() => missing.rows.merge(stored), () => missing.table.upsertEntity(stored, 'Merge')],
      [
        () => rows.submit([['create', stored]]),
        () => table.submitTransaction([['create', stored]]),
      ],
      [
        () => rows.submit([['update', stored, 'Merge', { etag }]]),
        () => table.submitTransaction([['update', stored, 'Merge', { etag }]]),
      ],
      [
        () => missing.rows.submit([['create', stored]]),
        () => missing.table.submitTransaction([['create', stored]]),
      ],
    ];

    for (const [own, theirs] of pairs) {
      expect(await refusal(own)).toEqual(await refusal(theirs));
    }
  });
});
