/**
 * Who works on a hub, as its storage tells: the app that holds its lease, and the workers that own partitions, be it by rows
 * (extension 3.x) or by leases of blobs (2.x). For those who want to delete it.
 */
import type { ContainerClient } from '@azure/storage-blob';
import type { TableClient } from '@azure/data-tables';
import { readBlob } from './blobs/read-blob.ts';
import type { HubUser } from '../engine/backend.ts';
import { readAppLeaseInfo } from './app-lease/app-lease-info.ts';
import type { StorageClients } from './clients/storage-clients.ts';
import type { HubNames } from './names.ts';
import { statusOf, storageCall } from './storage-error.ts';

export async function listHubUsers(
  storage: StorageClients,
  names: HubNames,
  nowMs: number,
): Promise<readonly HubUser[]> {
  const users = await Promise.all([
    ifThere(() => appOf(storage.container(names.appLeaseContainer), names.appLeaseInfoBlob)),
    ifThere(() => ownersOfRows(storage.table(names.partitionsTable), nowMs)),
    ifThere(() => ownersOfBlobs(storage.container(names.leaseContainer))),
  ]);
  return users.flat();
}

async function appOf(container: ContainerClient, infoBlob: string): Promise<readonly HubUser[]> {
  const { leaseState } = await storageCall(`look at container '${container.containerName}'`, () =>
    container.getProperties(),
  );
  if (leaseState !== 'leased') return [];
  const info = await readAppLeaseInfo(container, infoBlob);
  return [{ kind: 'app', appId: info?.OwnerId ?? null }];
}

async function ownersOfRows(table: TableClient, nowMs: number): Promise<readonly HubUser[]> {
  const users: HubUser[] = [];
  const rows = table.listEntities<{ CurrentOwner?: string; ExpiresAt?: Date | string }>();
  await storageCall(`read table '${table.tableName}'`, async () => {
    for await (const { rowKey = '', CurrentOwner: owner, ExpiresAt: expiresAt } of rows) {
      const until = expiresAt === undefined ? undefined : new Date(expiresAt);
      if (!owner || (until && until.getTime() <= nowMs)) continue;
      users.push({ kind: 'worker', owner, partition: rowKey, until: until?.toISOString() });
    }
  });
  return users;
}

async function ownersOfBlobs(container: ContainerClient): Promise<readonly HubUser[]> {
  const leased: string[] = [];
  await storageCall(`list container '${container.containerName}'`, async () => {
    for await (const { name, properties } of container.listBlobsFlat()) {
      if (properties.leaseState === 'leased') leased.push(name);
    }
  });
  return Promise.all(
    leased.map(async (name): Promise<HubUser> => {
      const { bytes } = await storageCall(`read '${name}'`, () =>
        readBlob(container.getBlobClient(name)),
      );
      const { Owner: owner } = JSON.parse(bytes.toString('utf8')) as { Owner?: string | null };
      return { kind: 'worker', owner: owner ?? 'unknown', partition: name, until: undefined };
    }),
  );
}

async function ifThere(find: () => Promise<readonly HubUser[]>): Promise<readonly HubUser[]> {
  try {
    return await find();
  } catch (error) {
    if (statusOf(error) === 404) return [];
    throw error;
  }
}
