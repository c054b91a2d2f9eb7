/**
 * The purges of whole trees that have begun and not ended, should the process end that is at one: a blob each, beside the large payloads,
 * which goes with the hub. The .NET extension looks at no such blob.
 */
import type { ContainerClient } from '@azure/storage-blob';
import { atMost } from '../../base/at-most.ts';
import { parseRecord } from '../../base/json.ts';
import { toInstanceId } from '../../core/ids.ts';
import type { TreePurge } from '../../engine/backend.ts';
import { escapeKey } from '../key-escape.ts';
import { statusOf, storageCall } from '../storage-error.ts';
import { readBlob } from './read-blob.ts';

/** Not in a folder: those are of instances, which may have any name. */
const PREFIX = 'purge-';
const SUFFIX = '.json';
const MAX_PARALLEL = 8;
/** Others are found when these are done. */
const PAGE_SIZE = 1000;

export class PurgeNotes {
  readonly #container: ContainerClient;

  constructor(container: ContainerClient) {
    this.#container = container;
  }

  async write(purge: TreePurge): Promise<void> {
    const text = JSON.stringify(purge);
    const name = nameOf(purge);
    const upload = () =>
      storageCall(`write blob '${name}'`, () =>
        this.#container.getBlockBlobClient(name).upload(text, Buffer.byteLength(text)),
      );
    try {
      await upload();
    } catch (error) {
      // The container comes with the first large payload.
      if (statusOf(error) !== 404) throw error;
      await storageCall(`create container '${this.#container.containerName}'`, () =>
        this.#container.createIfNotExists(),
      );
      await upload();
    }
  }

  async delete(purge: TreePurge): Promise<void> {
    const name = nameOf(purge);
    await storageCall(`delete blob '${name}'`, () =>
      this.#container.getBlockBlobClient(name).deleteIfExists(),
    );
  }

  async list(): Promise<readonly TreePurge[]> {
    const pages = this.#container
      .listBlobsByHierarchy('/', { prefix: PREFIX })
      .byPage({ maxPageSize: PAGE_SIZE });
    try {
      const page = await storageCall(
        `list the purges in container '${this.#container.containerName}'`,
        () => pages.next(),
      );
      const blobs = page.done === true ? [] : page.value.segment.blobItems;
      const found = await atMost(MAX_PARALLEL, blobs, ({ name }) => this.#read(name));
      return found.filter((purge) => purge !== undefined);
    } catch (error) {
      if (statusOf(error) === 404) return [];
      throw error;
    }
  }

  /** undefined when it is gone, or somebody else's. */
  async #read(name: string): Promise<TreePurge | undefined> {
    try {
      const { bytes } = await storageCall(`read blob '${name}'`, () =>
        readBlob(this.#container.getBlockBlobClient(name)),
      );
      const purge = parseRecord(bytes.toString('utf8'));
      const id = purge?.['instanceId'];
      const executionId = purge?.['executionId'];
      if (typeof id !== 'string') return undefined;
      return {
        instanceId: toInstanceId(id),
        executionId: typeof executionId === 'string' ? executionId : null,
      };
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }
}

function nameOf({ instanceId }: TreePurge): string {
  return `${PREFIX}${escapeKey(instanceId)}${SUFFIX}`;
}
