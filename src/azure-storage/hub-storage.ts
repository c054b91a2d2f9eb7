/**
 * Creates and deletes what a task hub has in storage. The container of large payloads, and the
 * store of messages that are set aside, are created when something is first put there.
 * Mirrors AzureStorageOrchestrationService.EnsureTaskHubAsync and DeleteAsync.
 */
import type { TableClient } from '@azure/data-tables';
import type { ContainerClient } from '@azure/storage-blob';
import type { HubNames } from './names.ts';
import type { OpenPartitions } from './partitions/open-partitions.ts';
import type { MessageQueue } from './queues/message-queue.ts';
import type { PoisonStore } from './poison-store.ts';
import { codeOf, statusOf, storageCall } from './storage-error.ts';

export interface HubStorageOptions {
  readonly taskHub: string;
  readonly partitionCount: number;
  readonly names: HubNames;
  readonly queues: readonly MessageQueue[];
  readonly historyTable: TableClient;
  readonly instancesTable: TableClient;
  readonly partitionsTable: TableClient;
  readonly partitions: Pick<OpenPartitions, 'create'>;
  readonly leaseContainer: ContainerClient;
  readonly appLeaseContainer: ContainerClient;
  readonly largeMessageContainer: ContainerClient;
  readonly poison: PoisonStore;
  readonly now: () => number;
}

export async function createHubStorage(options: HubStorageOptions): Promise<void> {
  const { queues, historyTable, instancesTable, partitions } = options;
  await Promise.all([
    ...queues.map((queue) => queue.create()),
    partitions.create(),
    createTable(historyTable),
    createTable(instancesTable),
    createTaskHubInfo(options),
  ]);
}

/** Whether the hub is there: what every reader needs of it. */
export async function hubStorageExists({ instancesTable }: HubStorageOptions): Promise<boolean> {
  const rows = instancesTable.listEntities({ queryOptions: { select: ['PartitionKey'] } });
  try {
    await storageCall(`look at table '${instancesTable.tableName}'`, () =>
      rows.byPage({ maxPageSize: 1 }).next(),
    );
    return true;
  } catch (error) {
    if (codeOf(error) === 'TableNotFound') return false;
    throw error;
  }
}

/** @param how.force also the containers that others hold a lease of. */
export async function deleteHubStorage(
  options: HubStorageOptions,
  how: { readonly force?: boolean },
): Promise<void> {
  const { queues, historyTable, instancesTable, partitionsTable } = options;
  const { leaseContainer, appLeaseContainer, largeMessageContainer, poison } = options;
  await Promise.all([
    ...queues.map((queue) => queue.delete()),
    deleteTable(historyTable),
    deleteTable(instancesTable),
    deleteTable(partitionsTable),
    deleteContainer(leaseContainer),
    deleteContainer(largeMessageContainer),
    poison.deleteAll(),
    deleteContainer(appLeaseContainer, how.force),
  ]);
}

async function createTable(table: TableClient): Promise<void> {
  await storageCall(`create table '${table.tableName}'`, () => table.createTable());
}

async function deleteTable(table: TableClient): Promise<void> {
  await storageCall(`delete table '${table.tableName}'`, () => table.deleteTable());
}

/** A container under another app's lease stays, as it does in .NET: it is that app's claim to the hub's name. */
async function deleteContainer(container: ContainerClient, force = false): Promise<void> {
  try {
    if (force) await breakLease(container);
    await storageCall(`delete container '${container.containerName}'`, () =>
      container.deleteIfExists(),
    );
  } catch (error) {
    if (codeOf(error) !== 'LeaseIdMissing') throw error;
  }
}

async function breakLease(container: ContainerClient): Promise<void> {
  try {
    await storageCall(`break the lease of container '${container.containerName}'`, () =>
      container.getBlobLeaseClient().breakLease(0),
    );
  } catch (error) {
    // There is no lease, or no container.
    if (statusOf(error) !== 409 && statusOf(error) !== 404) throw error;
  }
}

/** Tells tools the name and the partition count of the hub. One that is there already is left as it is. */
async function createTaskHubInfo(options: HubStorageOptions): Promise<void> {
  const { leaseContainer, names, taskHub, partitionCount, now } = options;
  const what = `create '${names.taskHubInfoBlob}' in container '${leaseContainer.containerName}'`;
  const text = JSON.stringify({
    TaskHubName: taskHub,
    CreatedAt: new Date(now()).toISOString().replace('Z', '0000Z'),
    PartitionCount: partitionCount,
  });
  await storageCall(what, () => leaseContainer.createIfNotExists());
  try {
    await storageCall(what, () =>
      leaseContainer
        .getBlockBlobClient(names.taskHubInfoBlob)
        .upload(text, Buffer.byteLength(text), { conditions: { ifNoneMatch: '*' } }),
    );
  } catch (error) {
    const isThere = statusOf(error) === 409 || statusOf(error) === 412;
    if (!isThere) throw error;
  }
}
