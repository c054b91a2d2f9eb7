import { describe, expect, it } from 'vitest';
import type { RpcTypedData } from '../../src/function-app/rpc-typed-data.ts';
import {
  type Binding,
  boundApp,
  classicFunction,
  freshName,
  storage,
  v4Function,
} from './bound-app.ts';

const tableOut = (tableName: string, changes: Partial<Binding> = {}): Binding => ({
  type: 'table',
  direction: 'out',
  name: 'out',
  tableName,
  connection: 'AzureWebJobsStorage',
  ...changes,
});
const tableIn = (tableName: string, changes: Partial<Binding> = {}): Binding =>
  tableOut(tableName, { direction: 'in', name: 'rows', ...changes });

/** As stored, keys and types of the values included. */
async function rowsOf(tableName: string): Promise<Record<string, unknown>[]> {
  const rows = [];
  const entities = storage().table(tableName).listEntities({ disableTypeConversion: true });
  for await (const { etag: _etag, timestamp: _timestamp, ...row } of entities) rows.push(row);
  return rows;
}

async function tableWith(rows: readonly Record<string, unknown>[]): Promise<string> {
  const name = freshName('Rows');
  const table = storage().table(name);
  await table.createTable();
  for (const row of rows) await table.createEntity(row as { partitionKey: string; rowKey: string });
  return name;
}

/** What the classic function reads. */
async function read(binding: Binding, input: unknown = 'x'): Promise<unknown> {
  const app = await boundApp(classicFunction('return [context.bindings.rows ?? null];', [binding]));
  const { json = 'null' } = (await app.run(input)) as RpcTypedData;
  const [value] = JSON.parse(json) as unknown[];
  return value;
}

const text = (value: string) => ({ type: 'String', value });

describe('a table output', () => {
  it('stores the types of JSON, from both models, in a table that it creates', async () => {
    const tableName = freshName('Out');
    const entity = `{ partitionKey: 'p', RowKey: input, text: 'x', whole: 456, large: 2 ** 40,
      ratio: 687.25, flag: true, nothing: null, when: new Date(0), guid: 'd7cb566c-a0b2-433e-8429-4ffcfcef1942',
      list: [1, { a: 2 }], bytes: Buffer.from('a') }`;
    const bindings = [tableOut('%TABLE%')];
    const options = { settings: { TABLE: tableName } };

    await (
      await boundApp(classicFunction(`context.bindings.out = ${entity};`, bindings), options)
    ).run('a');
    await (
      await boundApp(
        v4Function(`context.extraOutputs.set(outs.out, ${entity});`, bindings),
        options,
      )
    ).run('b');

    const [a, b] = await rowsOf(tableName);
    expect(a).toMatchObject({
      partitionKey: 'p',
      rowKey: 'a',
      text: text('x'),
      whole: { type: 'Int64', value: '456' },
      large: { type: 'Int64', value: '1099511627776' },
      ratio: { type: 'Double', value: '687.25' },
      flag: { type: 'Boolean', value: 'true' },
      when: text('1970-01-01T00:00:00.000Z'),
      guid: text('d7cb566c-a0b2-433e-8429-4ffcfcef1942'),
      list: text('[\n  1,\n  {\n    "a": 2\n  }\n]'),
    });
    expect(a).not.toHaveProperty('nothing');
    expect({ ...b, rowKey: a?.['rowKey'] }).toEqual(a);
  });

  it.each([
    ['an object', "{ RowKey: '1' }", ['1']],
    ['a list', "[{ RowKey: '1' }, { RowKey: '2' }]", ['1', '2']],
    ['JSON text of an object', `'{"RowKey":"1"}'`, ['1']],
    ['JSON text of a list', `'[{"RowKey":"1"},{"RowKey":"2"}]'`, ['1', '2']],
    ['a list of JSON texts', `['{"RowKey":"1"}']`, ['1']],
    ['an empty list', '[]', []],
  ])('takes %s', async (_what, code, expected) => {
    const tableName = await tableWith([]);
    const binding = tableOut(tableName, { partitionKey: '{day}' });
    const app = await boundApp(classicFunction(`context.bindings.out = ${code};`, [binding]));

    await app.run({ day: 'monday' });

    const rows = await rowsOf(tableName);
    expect(rows.map(({ rowKey }) => rowKey)).toEqual(expected);
    expect(rows.every(({ partitionKey }) => partitionKey === 'monday')).toBe(true);
  });

  it('takes more entities than fit into one transaction, of several partitions', async () => {
    const tableName = freshName('Many');
    const code =
      'context.bindings.out = Array.from({ length: 250 }, (_, i) => ({ PartitionKey: `p${i % 2}`, RowKey: `${i}` }));';
    const app = await boundApp(classicFunction(code, [tableOut(tableName)]));

    await app.run('x');

    expect(await rowsOf(tableName)).toHaveLength(250);
  });

  it('prefers the keys of the entity to those of the binding', async () => {
    const tableName = freshName('Keys');
    const binding = tableOut(tableName, { partitionKey: 'p', rowKey: '{rand-guid}' });
    const code = "context.bindings.out = [{ PARTITIONKEY: 'own', rowkey: 7 }, { a: 1 }];";
    await (await boundApp(classicFunction(code, [binding]))).run('x');

    const [own, given] = await rowsOf(tableName);
    expect(own).toEqual({ partitionKey: 'own', rowKey: '7' });
    expect(given).toMatchObject({ partitionKey: 'p', a: { type: 'Int64', value: '1' } });
  });

  it("fails the run with the service's reason when the key exists, unless an etag says to replace", async () => {
    const tableName = await tableWith([{ partitionKey: 'p', rowKey: 'r', old: 1 }]);
    const code =
      "context.bindings.out = { PartitionKey: 'p', RowKey: 'r', ...JSON.parse(JSON.stringify(input)) };";
    const app = await boundApp(classicFunction(code, [tableOut(tableName)]));

    await expect(app.run({ value: 1 })).rejects.toThrow(
      /Could not write an entity to table '.+': HTTP 409, EntityAlreadyExists/,
    );
    await app.run({ value: 2, etag: '*' });

    expect(await rowsOf(tableName)).toEqual([
      { partitionKey: 'p', rowKey: 'r', value: { type: 'Int64', value: '2' } },
    ]);
  });

  it.each([
    ["'text'", "The output binding 'out' of function 'F' takes an object, a list of objects"],
    ['[[1]]', 'but it was given a list within the list'],
    ["{ RowKey: '1' }", 'The entity has no PartitionKey, and the binding gives none.'],
    ["{ PartitionKey: 'p' }", 'The entity has no RowKey, and the binding gives none.'],
  ])('fails the run for %s', async (code, message) => {
    const app = await boundApp(
      classicFunction(`context.bindings.out = ${code};`, [tableOut(freshName('Wrong'))]),
    );

    await expect(app.run('x')).rejects.toThrow(message);
  });
});

describe('a table input', () => {
  it('of both keys is that entity', async () => {
    const tableName = await tableWith([
      {
        partitionKey: 'p',
        rowKey: 'r',
        text: 'x',
        whole: 7,
        ratio: 1.5,
        double: { type: 'Double', value: '3' },
        large: { type: 'Int64', value: '42' },
        flag: false,
        when: { type: 'DateTime', value: '2026-11-21T03:25:00.120Z' },
        guid: { type: 'Guid', value: 'd7cb566c-a0b2-433e-8429-4ffcfcef1942' },
        bytes: new Uint8Array([1, 2]),
      },
    ]);

    expect(
      await read(tableIn(tableName, { partitionKey: 'p', rowKey: '{id}' }), { id: 'r' }),
    ).toEqual({
      PartitionKey: 'p',
      RowKey: 'r',
      text: 'x',
      whole: 7,
      ratio: 1.5,
      double: 3,
      large: 42,
      flag: false,
      when: '2026-11-21T03:25:00.12+00:00',
      guid: 'd7cb566c-a0b2-433e-8429-4ffcfcef1942',
      bytes: 'AQI=',
    });
  });

  it.each(['entity', 'table'])('of both keys is null when there is no such %s', async (what) => {
    const tableName = what === 'entity' ? await tableWith([]) : freshName('Nowhere');

    expect(await read(tableIn(tableName, { partitionKey: 'p', rowKey: 'r' }))).toBeNull();
  });

  it.each([
    [{}, ['a1', 'a2', 'a3', 'b1']],
    [{ partitionKey: 'a' }, ['a1', 'a2', 'a3']],
    [{ partitionKey: "none'" }, []],
    [{ take: 2 }, ['a1', 'a2']],
    [{ take: '1', partitionKey: 'a' }, ['a1']],
    [{ take: 0 }, ['a1', 'a2', 'a3', 'b1']],
    [{ filter: "size gt {min} and name ne '{not}'" }, ['a3', 'b1']],
    [{ partitionKey: 'a', filter: 'size eq 3 or size eq 4' }, ['a3']],
  ])('of %j is a list', async (changes, expected) => {
    const size = (name: string, value: number) => ({
      partitionKey: name.charAt(0),
      rowKey: name,
      name,
      size: value,
    });
    const tableName = await tableWith([size('a1', 1), size('a2', 2), size('a3', 3), size('b1', 4)]);
    const rows = await read(tableIn(tableName, changes), { min: 2, not: 'a2' });

    expect((rows as { RowKey: string }[]).map(({ RowKey }) => RowKey)).toEqual(expected);
  });

  it('of a table that does not exist fails the run', async () => {
    await expect(read(tableIn(freshName('Nowhere')))).rejects.toThrow(
      /Could not query table '.+': HTTP 404, TableNotFound/,
    );
  });
});

describe('a function in error', () => {
  it.each([
    [{ direction: 'inout' }, "tables are read with the direction 'in'"],
    [{ tableName: '' }, "it needs 'tableName'."],
    [{ direction: 'in', take: 'many' }, "its 'take' must be a whole number, not 'many'."],
    [{ direction: 'in', filter: 'a eq {' }, "its 'filter': Invalid template"],
  ] as const)('%j', async (changes, message) => {
    const app = await boundApp(classicFunction('', [tableOut('Rows', changes)]));

    expect(app.problems[0]?.reason).toContain(`The binding 'out': ${message}`);
  });
});
