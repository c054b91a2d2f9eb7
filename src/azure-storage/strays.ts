/**
 * What nothing in a hub leads to any more: histories whose rows are gone, and blobs of long columns of which neither row nor history is
 * there. Read page by page, so that memory does not grow with the hub.
 *
 * Blobs of messages are passed over: a message that is hidden cannot be seen, and may be the one that names the blob. So are names that
 * were written in lower case, before DurableTask.AzureStorage 1.13: they do not tell the id.
 */
import type { TableClient } from '@azure/data-tables';
import type { ContainerClient } from '@azure/storage-blob';
import { atMost } from '../base/at-most.ts';
import { toInstanceId } from '../core/ids.ts';
import type { Stray } from '../engine/backend.ts';
import { unescapeKey } from './key-escape.ts';
import { statusOf, storageCall } from './storage-error.ts';
import { SENTINEL_ROW_KEY } from './tables/history-codec.ts';

export interface StraySources {
  readonly historyTable: TableClient;
  readonly instancesTable: TableClient;
  readonly largeMessageContainer: ContainerClient;
}

interface Blob {
  readonly name: string;
  readonly etag: string;
  readonly bytes: number;
}

/** The partition key of the instance, then what `columnBlobName` writes. */
const COLUMN_BLOB =
  /^([^/]+)\/history-[0-9A-F]*-[A-Z][A-Za-z]*(?:-[0-9A-F]{8})?-[A-Z][A-Za-z]*\.json\.gz$/;
const PAGE_SIZE = 1_000;
const MAX_PARALLEL = 8;

/** See `TaskHubClientBackend.listStrays`. */
export async function* listStrays(sources: StraySources, writtenTo: Date): AsyncGenerator<Stray> {
  yield* ifThere(strayHistories(sources, writtenTo));
  yield* ifThere(strayPayloads(sources, writtenTo));
}

async function* strayHistories(
  { historyTable, instancesTable }: StraySources,
  writtenTo: Date,
): AsyncGenerator<Stray> {
  const filter = `RowKey eq '${SENTINEL_ROW_KEY}'`;
  const pages = historyTable
    .listEntities({ queryOptions: { filter, select: ['PartitionKey', 'Timestamp'] } })
    .byPage({ maxPageSize: PAGE_SIZE });
  for (;;) {
    const page = await storageCall(`read table '${historyTable.tableName}'`, () => pages.next());
    if (page.done === true) return;
    const old = page.value.filter(({ timestamp }) => isUpTo(timestamp, writtenTo));
    const keys = old.map(({ partitionKey }) => partitionKey ?? '');
    for (const key of await withoutRows(instancesTable, keys)) {
      yield { kind: 'history', instanceId: toInstanceId(unescapeKey(key)) };
    }
  }
}

async function* strayPayloads(
  { historyTable, instancesTable, largeMessageContainer: container }: StraySources,
  writtenTo: Date,
): AsyncGenerator<Stray> {
  const pages = container.listBlobsFlat().byPage({ maxPageSize: PAGE_SIZE });
  for (;;) {
    const what = `list container '${container.containerName}'`;
    const page = await storageCall(what, () => pages.next());
    if (page.done === true) return;
    const byKey = new Map<string, Blob[]>();
    for (const { name, properties } of page.value.segment.blobItems) {
      const key = COLUMN_BLOB.exec(name)?.[1];
      const { lastModified, etag, contentLength: bytes = 0 } = properties;
      if (key === undefined || lastModified > writtenTo) continue;
      byKey.set(key, [...(byKey.get(key) ?? []), { name, etag, bytes }]);
    }
    const rowless = await withoutRows(instancesTable, [...byKey.keys()]);
    for (const key of await withoutRows(historyTable, rowless)) {
      const blobs = byKey.get(key) ?? [];
      yield {
        kind: 'payloads',
        instanceId: toInstanceId(unescapeKey(key)),
        count: blobs.length,
        bytes: blobs.reduce((sum, { bytes }) => sum + bytes, 0),
        delete: () => deleteBlobs(container, blobs),
      };
    }
  }
}

/** The partition keys of which the table has no row. */
async function withoutRows(
  table: TableClient,
  keys: readonly string[],
): Promise<readonly string[]> {
  const missing = await atMost(MAX_PARALLEL, keys, async (key) => {
    const filter = `PartitionKey eq '${key.replaceAll("'", "''")}'`;
    const rows = table.listEntities({ queryOptions: { filter, select: ['RowKey'] } });
    const first = await storageCall(`read table '${table.tableName}'`, () =>
      rows.byPage({ maxPageSize: 1 }).next(),
    );
    if (first.done === true) return [key];
    // An empty page may have others behind it: then nothing is certain, and what is there is left alone.
    const { length, continuationToken } = first.value;
    return length === 0 && !continuationToken ? [key] : [];
  });
  return missing.flat();
}

/** One that was written again since stays. */
async function deleteBlobs(container: ContainerClient, blobs: readonly Blob[]): Promise<void> {
  await atMost(MAX_PARALLEL, blobs, async ({ name, etag }) => {
    try {
      await storageCall(`delete large payload '${name}'`, () =>
        container.deleteBlob(name, { conditions: { ifMatch: etag } }),
      );
    } catch (error) {
      if (![404, 412].includes(statusOf(error) ?? 0)) throw error;
    }
  });
}

function isUpTo(timestamp: string | undefined, to: Date): boolean {
  return timestamp !== undefined && Date.parse(timestamp) <= to.getTime();
}

/** Of a table or a container that is not there, there is nothing. */
async function* ifThere(strays: AsyncGenerator<Stray>): AsyncGenerator<Stray> {
  try {
    yield* strays;
  } catch (error) {
    if (statusOf(error) !== 404) throw error;
  }
}
