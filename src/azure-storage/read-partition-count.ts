/**
 * How many partitions a hub has, as its storage tells: for tools that do not have the host.json of the app. A hub with a
 * table partition manager has a row per partition; the others have `taskhub.json`. Mirrors how monitors find it out.
 */
import { readBlob } from './blobs/read-blob.ts';
import type { StorageClients } from './clients/storage-clients.ts';
import type { HubNames } from './names.ts';
import { statusOf, storageCall } from './storage-error.ts';

/** @returns undefined when storage does not tell, or there is no such hub. */
export async function readPartitionCount(
  storage: StorageClients,
  names: HubNames,
): Promise<number | undefined> {
  return (
    (await ifThere(() => countPartitionRows(storage, names))) ??
    (await ifThere(() => readTaskHubInfo(storage, names)))
  );
}

async function countPartitionRows(
  storage: StorageClients,
  { partitionsTable }: HubNames,
): Promise<number | undefined> {
  const rows = storage
    .table(partitionsTable)
    .listEntities({ queryOptions: { select: ['RowKey'] } });
  let count = 0;
  await storageCall(`read table '${partitionsTable}'`, async () => {
    for await (const _row of rows) count++;
  });
  return count === 0 ? undefined : count;
}

async function readTaskHubInfo(
  storage: StorageClients,
  { leaseContainer, taskHubInfoBlob }: HubNames,
): Promise<number | undefined> {
  const blob = storage.container(leaseContainer).getBlobClient(taskHubInfoBlob);
  const { bytes } = await storageCall(
    `read '${taskHubInfoBlob}' in container '${leaseContainer}'`,
    () => readBlob(blob),
  );
  const { PartitionCount: count } = JSON.parse(bytes.toString('utf8')) as {
    readonly PartitionCount?: unknown;
  };
  return typeof count === 'number' && Number.isInteger(count) && count > 0 ? count : undefined;
}

async function ifThere<Value>(read: () => Promise<Value>): Promise<Value | undefined> {
  try {
    return await read();
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}
