/** What changes rows and histories beside commits. Each function is a plan of a transaction: see group-commit.ts. */
import type { OrchestrationCommit } from '../core/commit.ts';
import { SessionLostError } from '../core/errors.ts';
import { isEntityId, type InstanceId } from '../core/ids.ts';
import { patchedRecord, startRecord } from '../core/instance-record.ts';
import type { InstancePatch, InstanceRecord } from '../core/instance-status.ts';
import type { StartMessage } from '../core/task-message.ts';
import type { HistoryRewrite, PurgedInstance } from '../engine/backend.ts';
import { editHistory, findHead, removeHistory } from './histories.ts';
import type { HubTables } from './hub-tables.ts';
import { findRow, type Payload, putRow, removeRow, type StoredRow } from './instance-rows.ts';
import { nextVersion } from './versions.ts';

/**
 * Makes the row of a start, unless the one that is there changed since `existing` was read.
 * @returns whether nothing was ever stored under this id: no row, and no history.
 */
export function planStart(
  tables: HubTables,
  start: StartMessage,
  existing: InstanceRecord | undefined,
): () => boolean {
  const { instanceId } = start.target;
  const row = findRow(tables, instanceId);
  const isUnchanged = row?.record.etag === existing?.etag;
  const isNew = isUnchanged && row === undefined && findHead(tables, instanceId) === undefined;
  return () => {
    if (isUnchanged) putRow(tables, row, startRecord(start, nextVersion()));
    return isNew;
  };
}

/** Writes a row as `repairInstance` does. */
export function planRepair(
  tables: HubTables,
  { instanceId, instance }: Pick<OrchestrationCommit, 'instanceId' | 'instance'>,
  etag?: string,
): () => void {
  const row = findRow(tables, instanceId);
  const isMeant = etag === undefined || row?.record.etag === etag;
  return () => {
    if (instance !== undefined && isMeant) patchRow(tables, row, instanceId, instance);
  };
}

export function planRevival(
  tables: HubTables,
  { instanceId, etag }: InstanceRecord,
  lastUpdatedTime: string,
): () => void {
  const row = findRow(tables, instanceId);
  return () => {
    if (row?.record.etag !== etag) return;
    const revived: InstanceRecord = {
      ...row.record,
      runtimeStatus: 'Pending',
      output: null,
      completedTime: null,
      lastUpdatedTime,
      etag: nextVersion(),
    };
    putRow(tables, row, revived, ['input']);
  };
}

/** @param record see `purgeInstance`. */
export function planPurge(
  tables: HubTables,
  instanceId: InstanceId,
  record: Pick<InstanceRecord, 'etag'> | undefined,
): () => PurgedInstance | undefined {
  const row = findRow(tables, instanceId);
  const isMeant =
    record === undefined || isEntityId(instanceId) || row?.record.etag === record.etag;
  const head = findHead(tables, instanceId);
  return () => {
    if (row === undefined || !isMeant) return undefined;
    removeRow(tables, row);
    if (head !== undefined) removeHistory(tables, instanceId);
    // The head counts, as the sentinel does where there are rows.
    return { recordsDeleted: head === undefined ? 0 : head.count + 1 };
  };
}

/** @throws {SessionLostError} */
export function planRewrite(
  tables: HubTables,
  instanceId: InstanceId,
  { token, edits }: HistoryRewrite,
): () => void {
  const head = findHead(tables, instanceId);
  const isThere = head !== undefined && edits.every(({ index }) => index < head.count);
  if (head?.version !== token || !isThere) throw new SessionLostError(instanceId);
  return () => {
    editHistory(tables, instanceId, { head, edits, version: nextVersion() });
  };
}

/** Merges a patch into a row, or begins one. */
export function patchRow(
  tables: HubTables,
  row: StoredRow | undefined,
  instanceId: InstanceId,
  patch: InstancePatch,
): void {
  const after = patchedRecord(instanceId, row?.record, patch, nextVersion());
  const payloads: readonly Payload[] = ['input', 'output'];
  const kept = payloads.filter((member) => (patch[member] ?? null) === null);
  putRow(tables, row, after, kept);
}
