/**
 * The rows of instances. A row is read by every list, and written with every status: inputs and outputs that are long lie beside
 * it. The two indexes follow each change of a row.
 */
import type { InstanceId } from '../core/ids.ts';
import type { InstanceRecord, RuntimeStatus } from '../core/instance-status.ts';
import type { HubTables } from './hub-tables.ts';

const PAYLOADS = ['input', 'output'] as const;
export type Payload = (typeof PAYLOADS)[number];

/** In characters. A page of the database holds a few rows with such payloads. */
const MAX_INLINE_LENGTH = 512;

export interface StoredRow {
  /** Payloads that are long are null here. */
  readonly record: InstanceRecord;
  /** The payloads that lie beside the row. */
  readonly long: readonly Payload[];
}

type RowTables = Pick<HubTables, 'instances' | 'payloads' | 'byCreated' | 'byStatus'>;

export function findRow({ instances }: RowTables, instanceId: InstanceId): StoredRow | undefined {
  const text = instances.get(instanceId);
  return text === undefined ? undefined : (JSON.parse(text) as StoredRow);
}

/** @param include which payloads to read; the others are null. */
export function recordOf(
  { payloads }: RowTables,
  { record, long }: StoredRow,
  include: { readonly [Member in Payload]?: boolean },
): InstanceRecord {
  const payloadOf = (member: Payload): string | null => {
    if (include[member] !== true) return null;
    if (!long.includes(member)) return record[member];
    return payloads.get([record.instanceId, member]) ?? null;
  };
  return { ...record, input: payloadOf('input'), output: payloadOf('output') };
}

/**
 * Writes a row.
 * @param kept payloads of the row before that stay as they are; in `after` they may be missing.
 */
export function putRow(
  tables: RowTables,
  before: StoredRow | undefined,
  after: InstanceRecord,
  kept: readonly Payload[] = [],
): void {
  const { instanceId } = after;
  const inline = { input: after.input, output: after.output };
  const long: Payload[] = [];
  for (const member of PAYLOADS) {
    const wasLong = before?.long.includes(member) ?? false;
    const payload = after[member];
    if (kept.includes(member)) {
      if (wasLong) long.push(member);
      inline[member] = before?.record[member] ?? null;
    } else if (payload !== null && payload.length > MAX_INLINE_LENGTH) {
      tables.payloads.putSync([instanceId, member], payload);
      long.push(member);
      inline[member] = null;
    } else if (wasLong) {
      tables.payloads.removeSync([instanceId, member]);
    }
  }
  const row: StoredRow = { record: { ...after, ...inline }, long };
  tables.instances.putSync(instanceId, JSON.stringify(row));
  moveInIndexes(tables, before?.record, after);
}

export function removeRow(tables: RowTables, { record, long }: StoredRow): void {
  const { instanceId, runtimeStatus } = record;
  const created = createdMs(record);
  for (const member of long) tables.payloads.removeSync([instanceId, member]);
  tables.byCreated.removeSync([created, instanceId]);
  tables.byStatus.removeSync([runtimeStatus, created, instanceId]);
  tables.instances.removeSync(instanceId);
}

/** As the indexes have it. */
export function createdMs({ createdTime }: Pick<InstanceRecord, 'createdTime'>): number {
  const time = Date.parse(createdTime);
  return Number.isNaN(time) ? 0 : time;
}

function moveInIndexes(
  { byCreated, byStatus }: RowTables,
  before: InstanceRecord | undefined,
  after: InstanceRecord,
): void {
  const created = createdMs(after);
  const { instanceId, runtimeStatus } = after;
  const isSameTime = before !== undefined && createdMs(before) === created;
  if (!isSameTime) byCreated.putSync([created, instanceId], '');
  if (isSameTime && before.runtimeStatus === runtimeStatus) return;
  byStatus.putSync([runtimeStatus, created, instanceId], '');
  if (before === undefined) return;
  if (!isSameTime) byCreated.removeSync([createdMs(before), instanceId]);
  byStatus.removeSync(statusKey(before.runtimeStatus, createdMs(before), instanceId));
}

function statusKey(
  status: RuntimeStatus,
  created: number,
  instanceId: InstanceId,
): [string, number, string] {
  return [status, created, instanceId];
}
