/**
 * Recordings of the .NET engine (DurableTask.AzureStorage 2.9.1) for the golden tests: files of this folder, kept for ever, and
 * the shape in which rows were recorded, that is OData as the table service sends it.
 */
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

import type { Row, StoredRow } from '../../src/azure-storage/tables/row.ts';

/** A row or request body in OData: `X` and, unless it is a text, number or boolean, `X@odata.type`. */
export type RecordedRow = Readonly<Record<string, unknown>>;

/** What the recordings of one folder hold, by file name. */
export function goldenFiles<Content>(folder: string): [name: string, content: Content[]][] {
  const path = join(import.meta.dirname, folder);
  return readdirSync(path)
    .filter((name) => name.endsWith('.json'))
    .map((name) => [name, goldenFile<Content>(folder, name)]);
}

export function goldenFile<Content>(folder: string, name: string): Content[] {
  return JSON.parse(readFileSync(join(import.meta.dirname, folder, name), 'utf8')) as Content[];
}

/** The row as @azure/data-tables hands it over with `disableTypeConversion: true`. */
export function asRead(recorded: RecordedRow): StoredRow {
  const columns = Object.entries(recorded).flatMap(([name, value]): [string, unknown][] => {
    if (name.endsWith('@odata.type') || value === null) return [];
    const own = SDK_NAMES.get(name);
    if (own !== undefined) return [[own, value]];
    const recordedType = recorded[`${name}@odata.type`];
    const type =
      typeof recordedType === 'string'
        ? recordedType.slice('Edm.'.length)
        : INFERRED_TYPES[typeof value];
    return [[name, { value: typeof value === 'string' ? value : JSON.stringify(value), type }]];
  });
  return Object.fromEntries(columns);
}

/** A row of ours as it goes over the wire. */
export function asSent(row: Row): RecordedRow {
  const columns = Object.entries(row).flatMap(([name, value]): [string, unknown][] => {
    const sent = ODATA_NAMES.get(name) ?? name;
    if (typeof value !== 'object') return [[sent, value]];
    return [
      [sent, value.value],
      [`${sent}@odata.type`, `Edm.${value.type}`],
    ];
  });
  return Object.fromEntries(columns);
}

/** The columns that the writer of the row determined; a column written as null is one that stays absent. */
export function ownColumns(recorded: RecordedRow): RecordedRow {
  return Object.fromEntries(
    Object.entries(recorded).filter(
      ([name, value]) => !/^(odata\.etag|Timestamp(@odata\.type)?)$/.test(name) && value !== null,
    ),
  );
}

const SDK_NAMES = new Map([
  ['PartitionKey', 'partitionKey'],
  ['RowKey', 'rowKey'],
  ['odata.etag', 'etag'],
  ['Timestamp', 'timestamp'],
]);
const ODATA_NAMES = new Map([...SDK_NAMES].map(([odata, sdk]) => [sdk, odata]));
const INFERRED_TYPES: Readonly<Record<string, string>> = {
  string: 'String',
  number: 'Int32',
  boolean: 'Boolean',
};
