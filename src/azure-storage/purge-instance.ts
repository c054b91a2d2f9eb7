/**
 * Deletes everything about one instance: history rows of all executions, the sentinel first, large payloads, and the row last, so
 * that a purge that failed half-way can be repeated, and of a purge and whoever rewinds or starts the instance anew one wins. Mirrors AzureTableTrackingStore.DeleteAllDataForOrchestrationInstance; unlike it,
 * blobs are listed below `{id}/`, so that purging `order-1` spares those of `order-10`.
 */
import { SessionLostError } from '../core/errors.ts';
import { isEntityId, type InstanceId } from '../core/ids.ts';
import type { InstanceRecord } from '../core/instance-status.ts';
import type { PurgedInstance } from '../engine/backend.ts';
import type { LargePayloads } from './blobs/large-payloads.ts';
import { atMost } from '../base/at-most.ts';
import { storageCall } from './storage-error.ts';
import type { HistoryTable } from './tables/history-table.ts';
import type { InstancesTable } from './tables/instances-table.ts';
import { escapeKey } from './key-escape.ts';

const MAX_PARALLEL_DELETES = 10;
/** Of a purge whose history is written meanwhile. */
const MAX_ATTEMPTS = 5;

export interface PurgeParts {
  readonly history: Pick<HistoryTable, 'deleteRows'>;
  readonly instances: Pick<InstancesTable, 'find' | 'deleteRow'>;
  readonly payloads: Pick<LargePayloads, 'list' | 'delete'>;
}

type Listed = Pick<InstanceRecord, 'etag' | 'executionId'>;

/** @param record as it was listed. What was started anew or rewound since is left alone, history and payloads included. */
export async function purgeInstance(
  parts: PurgeParts,
  instanceId: InstanceId,
  record?: Listed,
): Promise<PurgedInstance | undefined> {
  for (let attempt = 1; ; attempt++) {
    try {
      return await purgeOnce(parts, instanceId, record);
    } catch (error) {
      // Somebody wrote the history while it was to go. What was listed is another instance now; else what there is now is meant.
      if (!(error instanceof SessionLostError)) throw error;
      if (record !== undefined) return undefined;
      if (attempt === MAX_ATTEMPTS) throw error;
    }
  }
}

async function purgeOnce(
  { history, instances, payloads }: PurgeParts,
  instanceId: InstanceId,
  record: Listed | undefined,
): Promise<PurgedInstance | undefined> {
  const find = () => instances.find(instanceId, { input: false, output: false });
  const row = record ?? (await find());
  if (row === undefined) return undefined;
  const isEntity = isEntityId(instanceId);
  const names = await payloadNames(payloads, instanceId);
  const recordsDeleted = await history.deleteRows(
    instanceId,
    isEntity
      ? { isForced: true }
      : record && {
          // Since it was listed it may have been started anew, or rewound: the row would stay, and its history would be gone.
          isMeant: async () => (await find())?.etag === record.etag,
          sparesRewound: true,
        },
  );
  if (recordsDeleted === undefined) return undefined;
  await storageCall(`delete the large payloads of '${instanceId}'`, () =>
    atMost(MAX_PARALLEL_DELETES, names, (name) => payloads.delete(name)),
  );
  // An instance that was started anew meanwhile has a row of its own. An entity's state goes, whatever it has become.
  if (!(await instances.deleteRow(instanceId, isEntity ? undefined : row.etag))) {
    const changed = await find();
    // A rewind that was at it came to the row after the history was gone.
    if (changed !== undefined && changed.executionId === row.executionId) {
      await instances.deleteRow(instanceId, changed.etag);
    }
  }
  return { recordsDeleted };
}

/** They lie below the escaped id; messages of .NET below the raw one, among those of instances whose ids go on after a slash. */
async function payloadNames(
  payloads: PurgeParts['payloads'],
  instanceId: InstanceId,
): Promise<readonly string[]> {
  // The answer of storage, which is XML, repeats the prefix: it can hold no control characters.
  const rawId = /[\u0000-\u001f\u007f-\u009f]/.test(instanceId) ? [] : [`${instanceId}/`];
  const prefixes = new Set([`${escapeKey(instanceId)}/`, ...rawId]);
  return await storageCall(`list the large payloads of '${instanceId}'`, async () => {
    const names: string[] = [];
    for (const prefix of prefixes) {
      for await (const name of payloads.list(prefix)) {
        if (!name.includes('/', prefix.length)) names.push(name);
      }
    }
    return names;
  });
}
