/**
 * The id of an app's lease, and the blob in the app lease container that says whose the lease is and who wants it next.
 * Mirrors AppLeaseInfo and the constructor of AppLeaseManager.
 */
import type { ContainerClient } from '@azure/storage-blob';
import { readBlob } from '../blobs/read-blob.ts';
import { fnv1a } from '../../core/partition-of.ts';
import { statusOf, storageCall } from '../storage-error.ts';

export interface AppLeaseInfo {
  readonly OwnerId: string | null;
  /** The app that is to take the lease over. */
  readonly DesiredSwapId: string | null;
  /** Until then the owner before may still be working. */
  readonly TransitionUntilUtc: string | null;
}

const NOBODY: AppLeaseInfo = { OwnerId: null, DesiredSwapId: null, TransitionUntilUtc: null };

/**
 * The same in every process of the app, .NET or ours.
 * @param appName `WEBSITE_SITE_NAME`; empty outside of Azure.
 */
export function appLeaseId(appName: string): string {
  return `${fnv1a(appName).toString(16).padStart(8, '0')}-0000-0000-0000-000000000000`;
}

/** undefined when there is no such blob, or no container. */
export async function readAppLeaseInfo(
  container: ContainerClient,
  blobName: string,
): Promise<AppLeaseInfo | undefined> {
  try {
    const { bytes } = await storageCall(`read '${blobName}'`, () =>
      readBlob(container.getBlobClient(blobName)),
    );
    return { ...NOBODY, ...(JSON.parse(bytes.toString('utf8')) as Partial<AppLeaseInfo>) };
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** Creates the container when it is missing. */
export async function writeAppLeaseInfo(
  container: ContainerClient,
  blobName: string,
  info: AppLeaseInfo,
): Promise<void> {
  const text = JSON.stringify(info);
  const upload = async (): Promise<void> => {
    await container.getBlockBlobClient(blobName).upload(text, Buffer.byteLength(text));
  };
  await storageCall(`write '${blobName}'`, async () => {
    try {
      await upload();
    } catch (error) {
      if (statusOf(error) !== 404) throw error;
      await container.createIfNotExists();
      await upload();
    }
  });
}

export async function createAppLeaseInfo(
  container: ContainerClient,
  blobName: string,
): Promise<AppLeaseInfo> {
  await storageCall(`create container '${container.containerName}'`, () =>
    container.createIfNotExists(),
  );
  await writeAppLeaseInfo(container, blobName, NOBODY);
  return NOBODY;
}
