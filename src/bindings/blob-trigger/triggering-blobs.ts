/** Reads the blob that a function is to be run for, as it is now. */
import type { ContainerClient } from '@azure/storage-blob';
import { statusOf, storageCall } from '../../azure-storage/storage-error.ts';
import type { BlobPattern } from './blob-pattern.ts';
import type { TriggeringBlob } from './blob-request.ts';

/**
 * @param etag the version that is asked for. @default whichever there is
 * @returns undefined when there is no such blob, or no longer this version of it.
 * @throws {BackendUnavailableError}
 */
export async function readTriggeringBlob(
  container: ContainerClient,
  name: string,
  pattern: BlobPattern,
  etag?: string,
): Promise<TriggeringBlob | undefined> {
  const { containerName } = container;
  const client = container.getBlobClient(name);
  const conditions = etag === undefined ? {} : { ifMatch: etag };
  try {
    return await storageCall(`read blob '${containerName}/${name}'`, async () => {
      const properties = await client.download(0, undefined, { conditions });
      const chunks: Buffer[] = [];
      for await (const chunk of properties.readableStreamBody ?? [])
        chunks.push(Buffer.from(chunk));
      const [url = ''] = client.url.split('?', 1);
      const parts = pattern.match(name) ?? {};
      const content = Buffer.concat(chunks);
      return { container: containerName, name, url, content, properties, parts };
    });
  } catch (error) {
    if (statusOf(error) === 404 || statusOf(error) === 412) return undefined;
    throw error;
  }
}
