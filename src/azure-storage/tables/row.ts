/**
 * Rows as @azure/data-tables takes and gives them. We write DateTime columns as text, because a Date would lose their 100 ns
 * digits, and read with `disableTypeConversion: true`: then every column comes as `{ type, value }`, numbers and booleans
 * as texts. Columns are read in either shape.
 */
import { ownMember } from '../../base/own-member.ts';
import { CorruptMessageError } from '../../core/errors.ts';
import { toTableTime } from '../data-contract/contract-time.ts';

export interface DateTimeColumn {
  readonly type: 'DateTime';
  readonly value: string;
}

/** A column of a type that only others write, kept as it was read. */
export interface ForeignColumn {
  readonly type: 'Double' | 'Int64' | 'Guid' | 'Binary';
  readonly value: string;
}

/** An integer is stored as Int32. */
export type ColumnValue = string | number | boolean | DateTimeColumn | ForeignColumn;

/** A row to write. */
export interface Row {
  readonly partitionKey: string;
  readonly rowKey: string;
  readonly [column: string]: ColumnValue;
}

/** A row as read. */
export type StoredRow = Readonly<Record<string, unknown>>;

export function dateTimeColumn(time: string): DateTimeColumn {
  return { type: 'DateTime', value: toTableTime(time) };
}

/** A row as it was read (with `disableTypeConversion`), to be written back: every column keeps type and value. */
export function toRow(stored: StoredRow): Row {
  const { partitionKey, rowKey, etag: _etag, timestamp: _timestamp, ...columns } = stored;
  const values = Object.entries(columns).flatMap(([name, column]) => {
    const value = name.startsWith('odata.') ? undefined : writableColumn(column);
    return value === undefined ? [] : [[name, value] as const];
  });
  return {
    ...Object.fromEntries(values),
    partitionKey: String(partitionKey),
    rowKey: String(rowKey),
  };
}

function writableColumn(column: unknown): ColumnValue | undefined {
  if (typeof column !== 'object' || column === null) return undefined;
  const { type, value } = column as { type?: string; value?: string };
  switch (type) {
    case 'String':
      return value;
    case 'Int32':
      return Number(value);
    case 'Boolean':
      return String(value) === 'true';
    case 'DateTime':
    case 'Double':
    case 'Int64':
    case 'Guid':
    case 'Binary':
      return { type, value: String(value) };
    default:
      return undefined;
  }
}

/** The text of a String or DateTime column, or undefined when the row has no such column. */
export function textColumn(row: StoredRow, name: string): string | undefined {
  const value = rawColumn(row, name);
  if (value === undefined || typeof value === 'string') return value;
  if (value instanceof Date) return value.toISOString();
  throw wrongColumn(row, name, 'a text');
}

export function integerColumn(row: StoredRow, name: string): number | undefined {
  const value = rawColumn(row, name);
  if (value === undefined) return undefined;
  const number = typeof value === 'string' && value !== '' ? Number(value) : value;
  if (!Number.isSafeInteger(number)) throw wrongColumn(row, name, 'an integer');
  return number as number;
}

export function flagColumn(row: StoredRow, name: string): boolean | undefined {
  const value = rawColumn(row, name);
  if (value === undefined || typeof value === 'boolean') return value;
  if (value === 'true' || value === 'false') return value === 'true';
  throw wrongColumn(row, name, 'true or false');
}

/** The value of a column that holds JSON; null when the row has no such column. */
export function jsonColumn(row: StoredRow, name: string): unknown {
  const text = textColumn(row, name);
  if (text === undefined || text === '') return null;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw wrongColumn(row, name, 'JSON', error);
  }
}

/** Names a row in errors. */
export function describeRow(row: StoredRow): string {
  return `The row '${String(row['partitionKey'])}'/'${String(row['rowKey'])}'`;
}

function rawColumn(row: StoredRow, name: string): unknown {
  const column = ownMember(row, name) ?? undefined;
  if (typeof column !== 'object' || column instanceof Date) return column;
  return 'value' in column ? column.value : column;
}

function wrongColumn(row: StoredRow, name: string, expected: string, cause?: unknown) {
  const found = JSON.stringify(rawColumn(row, name)).slice(0, 100);
  return new CorruptMessageError(
    `${describeRow(row)}: column ${name} must be ${expected}, but is ${found}.`,
    { cause },
  );
}
