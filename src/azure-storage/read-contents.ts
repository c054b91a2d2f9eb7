/**
 * What the containers of a hub hold: one request for each, which lists the first 5,000 blobs. Rows of tables are not counted: storage
 * does not, and to read them all is what nobody should do by opening a page.
 */
import type { ContainerClient } from '@azure/storage-blob';
import type { HubContents } from '../core/hub-contents.ts';
import { statusOf, storageCall } from './storage-error.ts';

/** As many as storage lists at a time. */
const MOST_LISTED = 5_000;

/** See `TaskHubClientBackend.readContents`. Containers that are not there are left out. */
export async function readContents(
  containers: readonly { readonly container: ContainerClient; readonly what: string }[],
): Promise<readonly HubContents[]> {
  const found = await Promise.all(
    containers.map(async ({ container, what }) => {
      const name = container.containerName;
      try {
        const pages = container.listBlobsFlat().byPage({ maxPageSize: MOST_LISTED });
        const page = await storageCall(`list container '${name}'`, () => pages.next());
        if (page.done === true) return undefined;
        const { segment, continuationToken } = page.value;
        const sizes = segment.blobItems.map(({ properties }) => properties.contentLength ?? 0);
        return {
          name,
          what,
          items: sizes.length,
          bytes: sizes.reduce((sum, size) => sum + size, 0),
          isComplete: !continuationToken,
        };
      } catch (error) {
        if (statusOf(error) === 404) return undefined;
        throw error;
      }
    }),
  );
  return found.filter((contents) => contents !== undefined);
}
