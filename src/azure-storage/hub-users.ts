/**
 * Who works on a hub, as its storage tells: the app that holds its lease, and the workers that own partitions, be it by rows
 * (extension 3.x) or by leases of blobs (2.x). For those who want to delete it.
 */
import type { ContainerClient } from '@azure/storage-blob';
import type { TableClient } from '@azure/data-tables';
import { answerTimeMs } from './answer-time.ts';
import { readBlob } from './blobs/read-blob.ts';
import type { HubUser } from '../engine/backend.ts';
import { readAppLeaseInfo } from './app-lease/app-lease-info.ts';
import type { HubApps } from './hub-apps.ts';
import type { StorageClients } from './clients/storage-clients.ts';
import type { HubNames } from './names.ts';
import { claimEndMs } from './partitions/claim-end.ts';
import { parseLease } from './partitions/lease-text.ts';
import { isKnownDead } from './partitions/worker-name.ts';
import { statusOf, storageCall } from './storage-error.ts';

export async function listHubUsers(
  storage: StorageClients,
  names: HubNames,
  /** `nowMs` counts where storage does not tell its time. */
  now: { readonly nowMs: number; readonly apps: HubApps },
): Promise<readonly HubUser[]> {
  const users = await Promise.all([
    ifThere(() => appOf(storage.container(names.appLeaseContainer), names.appLeaseInfoBlob)),
    ifThere(() => ownersOfRows(storage.table(names.partitionsTable), now)),
    ifThere(() => ownersOfBlobs(storage.container(names.leaseContainer), now.apps)),
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

async function ownersOfRows(
  table: TableClient,
  { nowMs, apps }: { readonly nowMs: number; readonly apps: HubApps },
): Promise<readonly HubUser[]> {
  const owned: { readonly user: HubUser & { readonly kind: 'worker' }; readonly appId?: string }[] =
    [];
  let timeMs = nowMs;
  const rows = table.listEntities<{
    CurrentOwner?: string;
    LastRenewal?: Date | string;
    ExpiresAt?: Date | string;
    App?: string;
  }>({
    // This machine may be one that is not in step with the workers.
    onResponse: ({ headers }) => {
      timeMs = answerTimeMs(headers.get('date')) ?? nowMs;
    },
  });
  await storageCall(`read table '${table.tableName}'`, async () => {
    for await (const row of rows) {
      const { rowKey = '', CurrentOwner: owner, App: appId } = row;
      if (!owner || isKnownDead(owner)) continue;
      const untilMs = claimEndMs(owner, {
        lastRenewalMs: timeOf(row.LastRenewal),
        expiresAtMs: timeOf(row.ExpiresAt),
        writtenMs: timeOf(row.timestamp),
      });
      if (untilMs !== undefined && untilMs <= timeMs) continue;
      const until = untilMs === undefined ? undefined : new Date(untilMs).toISOString();
      const user = { kind: 'worker', owner, partition: rowKey, until } as const;
      owned.push({ user, ...(appId && { appId }) });
    }
  });
  return Promise.all(
    owned.map(async ({ user, appId }) =>
      appId === undefined ? user : { ...user, app: await apps.read(appId) },
    ),
  );
}

function timeOf(value: Date | string | undefined): number | undefined {
  const timeMs = value === undefined ? NaN : new Date(value).getTime();
  return Number.isNaN(timeMs) ? undefined : timeMs;
}

async function ownersOfBlobs(
  container: ContainerClient,
  apps: HubApps,
): Promise<readonly HubUser[]> {
  const leased: { readonly name: string; readonly appId: string | undefined }[] = [];
  await storageCall(`list container '${container.containerName}'`, async () => {
    for await (const blob of container.listBlobsFlat({ includeMetadata: true })) {
      const { name, properties, metadata } = blob;
      if (properties.leaseState === 'leased') leased.push({ name, appId: metadata?.['app'] });
    }
  });
  const users = await Promise.all(
    leased.map(async ({ name, appId }) => {
      const { bytes } = await storageCall(`read '${name}'`, () =>
        readBlob(container.getBlobClient(name)),
      );
      const { owner = 'unknown' } = parseLease(bytes.toString('utf8'));
      if (isKnownDead(owner)) return undefined;
      const user = { kind: 'worker', owner, partition: name, until: undefined } as const;
      return appId === undefined ? user : { ...user, app: await apps.read(appId) };
    }),
  );
  return users.filter((user) => user !== undefined);
}

async function ifThere(find: () => Promise<readonly HubUser[]>): Promise<readonly HubUser[]> {
  try {
    return await find();
  } catch (error) {
    if (statusOf(error) === 404) return [];
    throw error;
  }
}
