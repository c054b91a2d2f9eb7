/** Says in the hub how far an import is: a blob beside the large payloads, which goes with the hub. */
import type { ContainerClient } from '@azure/storage-blob';
import { statusOf, storageCall } from '../storage-error.ts';
import { readBlob } from './read-blob.ts';

/** No instance has blobs here: those are in folders. */
const NAME = 'import.json';

export class ImportMark {
  readonly #container: ContainerClient;

  constructor(container: ContainerClient) {
    this.#container = container;
  }

  async find(): Promise<string | undefined> {
    try {
      const { bytes } = await storageCall(`read blob '${NAME}'`, () =>
        readBlob(this.#container.getBlockBlobClient(NAME)),
      );
      return bytes.toString('utf8');
    } catch (error) {
      if (statusOf(error) === 404) return undefined;
      throw error;
    }
  }

  async write(text: string | undefined): Promise<void> {
    const blob = this.#container.getBlockBlobClient(NAME);
    if (text === undefined) {
      await storageCall(`delete blob '${NAME}'`, () => blob.deleteIfExists());
      return;
    }
    await storageCall(`write blob '${NAME}'`, async () => {
      await this.#container.createIfNotExists();
      await blob.upload(text, Buffer.byteLength(text));
    });
  }
}
