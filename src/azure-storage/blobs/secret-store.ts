/**
 * Keys in the container of the Functions host: blob `azure-webjobs-secrets/<host>/<document>`, written under the condition that
 * nobody else has written meanwhile. Mirrors BlobStorageSecretsRepository.
 */
import type { ContainerClient } from '@azure/storage-blob';
import { statusOf, storageCall } from '../storage-error.ts';
import { readBlob } from './read-blob.ts';

export const SECRETS_CONTAINER = 'azure-webjobs-secrets';

const NOT_FOUND = 404;
/** 409: there is a blob where there was none. 412: it is another one. */
const OVERTAKEN: readonly (number | undefined)[] = [409, 412];

/** @param folder of this host in the container: its site name, or its id. */
export function createBlobSecretStore(container: ContainerClient, folder: string) {
  const blobOf = (name: string) => container.getBlockBlobClient(`${folder}/${name}`);
  let isContainerThere = false;

  return {
    place: `${container.containerName}/${folder}`,

    async read(name: string): Promise<{ text: string; version: string } | undefined> {
      const blob = blobOf(name);
      try {
        return await storageCall(`read the keys in blob '${blob.name}'`, async () => {
          const { bytes, etag } = await readBlob(blob);
          return { text: bytes.toString('utf8'), version: etag };
        });
      } catch (error) {
        if (statusOf(error) === NOT_FOUND) return undefined;
        throw error;
      }
    },

    async write(name: string, text: string, version: string | undefined): Promise<boolean> {
      const conditions = version === undefined ? { ifNoneMatch: '*' } : { ifMatch: version };
      const blob = blobOf(name);
      try {
        await storageCall(`write the keys to blob '${blob.name}'`, async () => {
          if (!isContainerThere) await container.createIfNotExists();
          isContainerThere = true;
          await blob.upload(text, Buffer.byteLength(text), {
            conditions,
            blobHTTPHeaders: { blobContentType: 'application/json' },
          });
        });
        return true;
      } catch (error) {
        if (OVERTAKEN.includes(statusOf(error))) return false;
        throw error;
      }
    },
  };
}
