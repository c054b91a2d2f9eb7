/**
 * The status of timer functions in the host's own container, where the .NET host keeps it: `azure-webjobs-hosts`, blob
 * `timers/<host id>/Host.Functions.<function>/status`. Mirrors StorageScheduleMonitor of the timers extension.
 */
import { RestError } from '@azure/storage-blob';
import { isRecord, parseJson, withoutBom } from '../../base/json.ts';
import { CorruptMessageError } from '../../core/errors.ts';
import type { StorageClients } from '../clients/storage-clients.ts';
import { readBlob } from './read-blob.ts';

/** As the .NET host writes it: local times in ISO 8601. */
interface StoredTimerStatus {
  readonly Last: string;
  readonly Next: string;
  readonly LastUpdated: string;
}

const HOSTS_CONTAINER = 'azure-webjobs-hosts';

/** Both methods reject when storage does not answer; `write` creates the container when it is missing. */
export function createBlobTimerStatusStore(storage: StorageClients, hostId: string) {
  const container = storage.container(HOSTS_CONTAINER);
  const blobOf = (functionName: string) =>
    container.getBlockBlobClient(`timers/${hostId}/Host.Functions.${functionName}/status`);

  return {
    /**
     * Undefined if the function has none.
     * @throws {CorruptMessageError} if the blob holds something else.
     */
    async read(functionName: string): Promise<StoredTimerStatus | undefined> {
      const blob = blobOf(functionName);
      try {
        return parseStatus((await readBlob(blob)).bytes.toString('utf8'), blob.name);
      } catch (error) {
        if (isNotFound(error)) return undefined;
        throw error;
      }
    },

    async write(functionName: string, status: StoredTimerStatus): Promise<void> {
      const { Last, Next, LastUpdated } = status;
      const body = JSON.stringify({ Last, Next, LastUpdated });
      const upload = () => blobOf(functionName).upload(body, Buffer.byteLength(body));
      try {
        await upload();
      } catch (error) {
        if (!isNotFound(error)) throw error;
        await container.createIfNotExists();
        await upload();
      }
    },
  };
}

function isNotFound(error: unknown): boolean {
  return error instanceof RestError && error.statusCode === 404;
}

function parseStatus(text: string, blobName: string): StoredTimerStatus {
  const status = parseJson(withoutBom(text));
  if (status === undefined) {
    throw new CorruptMessageError(`The timer status in blob '${blobName}' is no JSON.`);
  }
  const { Last, Next, LastUpdated } = isRecord(status) ? status : {};
  if (typeof Last === 'string' && typeof Next === 'string' && typeof LastUpdated === 'string') {
    return { Last, Next, LastUpdated };
  }
  throw new CorruptMessageError(
    `The timer status in blob '${blobName}' lacks one of the texts Last, Next and LastUpdated. Delete the blob to begin anew.`,
  );
}
