/**
 * Which version of a blob a function was already told of: a receipt in the container `azure-webjobs-hosts` of the blob's account, as
 * the .NET host keeps it. Who finds a blob makes an incomplete receipt, takes its lease, puts the message, and completes it: a crash
 * on the way leaves an incomplete one, and somebody puts the message again. Mirrors BlobReceiptManager and BlobTriggerExecutor.
 */
import { randomUUID } from 'node:crypto';
import type { BlockBlobClient } from '@azure/storage-blob';
import type { StorageClients } from '../../azure-storage/clients/storage-clients.ts';
import { codeOf, statusOf, storageCall } from '../../azure-storage/storage-error.ts';

/** What a message about a blob says. Names are .NET's. */
export interface FoundBlob {
  readonly functionId: string;
  readonly container: string;
  readonly blob: string;
  /** In quotes, as in the header. */
  readonly etag: string;
}

const HOSTS_CONTAINER = 'azure-webjobs-hosts';
const LEASE_SECONDS = 30;
/** In the metadata of a receipt whose message may not be there yet. */
const INCOMPLETE = 'Incomplete';

export class BlobReceipts {
  readonly #storage: StorageClients;
  readonly #hostId: string;

  constructor(storage: StorageClients, hostId: string) {
    this.#storage = storage;
    this.#hostId = hostId;
  }

  /**
   * Puts the message about a version of a blob, once.
   * @returns false when somebody else is at it: whether it is done has to be asked again.
   * @throws {BackendUnavailableError}
   */
  async tellOnce(found: FoundBlob, put: () => Promise<void>): Promise<boolean> {
    const receipt = this.#receiptOf(found);
    return storageCall(`write the receipt of blob '${found.container}/${found.blob}'`, async () => {
      const state = await stateOf(receipt);
      if (state === 'complete') return true;
      if (state === undefined && !(await this.#create(receipt))) return false;
      const leaseId = await takeLease(receipt);
      if (leaseId === undefined) return false;
      try {
        if ((await stateOf(receipt)) !== 'incomplete') return true;
        await put();
        await receipt.setMetadata({}, { conditions: { leaseId } });
        return true;
      } finally {
        await releaseLease(receipt, leaseId);
      }
    });
  }

  /** The version stands before the name, which may hold slashes. */
  #receiptOf({ functionId, container, blob, etag }: FoundBlob): BlockBlobClient {
    const name = `blobreceipts/${this.#hostId}/${functionId}/${etag}/${container}/${blob}`;
    return this.#storage.container(HOSTS_CONTAINER).getBlockBlobClient(name);
  }

  /** @returns false when there is one by now. */
  async #create(receipt: BlockBlobClient): Promise<boolean> {
    const upload = () =>
      receipt.upload('', 0, {
        metadata: { [INCOMPLETE]: 'true' },
        conditions: { ifNoneMatch: '*' },
      });
    try {
      await upload().catch(async (error: unknown) => {
        if (codeOf(error) !== 'ContainerNotFound') throw error;
        await this.#storage.container(HOSTS_CONTAINER).createIfNotExists();
        return upload();
      });
      return true;
    } catch (error) {
      if (statusOf(error) === 409 || statusOf(error) === 412) return false;
      throw error;
    }
  }
}

async function stateOf(receipt: BlockBlobClient): Promise<'complete' | 'incomplete' | undefined> {
  try {
    const { metadata = {} } = await receipt.getProperties();
    const names = Object.keys(metadata).map((name) => name.toLowerCase());
    return names.includes(INCOMPLETE.toLowerCase()) ? 'incomplete' : 'complete';
  } catch (error) {
    if (statusOf(error) === 404) return undefined;
    throw error;
  }
}

async function takeLease(receipt: BlockBlobClient): Promise<string | undefined> {
  const leaseId = randomUUID();
  try {
    await receipt.getBlobLeaseClient(leaseId).acquireLease(LEASE_SECONDS);
    return leaseId;
  } catch (error) {
    if (statusOf(error) === 409 || statusOf(error) === 404) return undefined;
    throw error;
  }
}

/** One that ran out, or whose blob is gone, is released. */
async function releaseLease(receipt: BlockBlobClient, leaseId: string): Promise<void> {
  try {
    await receipt.getBlobLeaseClient(leaseId).releaseLease();
  } catch (error) {
    const status = statusOf(error);
    if (status !== 409 && status !== 404 && status !== 412) throw error;
  }
}
