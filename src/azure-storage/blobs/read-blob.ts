/** The only place that reads blobs of the hub and of the host. How long they are is not for us to say: others write them, too. */
import { Readable } from 'node:stream';
import type { BlobClient } from '@azure/storage-blob';
import { boundedBytes, TooManyBytesError } from '../../base/bounded-bytes.ts';
import { CorruptMessageError } from '../../core/errors.ts';

/** For leases, keys, the status of a timer: a few lines each. */
const SMALL_BLOB_BYTES = 1024 * 1024;

/**
 * The content of one version of a blob.
 * @param abortSignal gives up waiting.
 * @throws {CorruptMessageError} it is longer than `limit` bytes.
 * @throws {RestError} when storage says no.
 */
export async function readBlob(
  blob: BlobClient,
  limit = SMALL_BLOB_BYTES,
  abortSignal?: AbortSignal,
): Promise<{ readonly bytes: Buffer; readonly etag: string }> {
  const {
    contentLength = 0,
    etag = '',
    readableStreamBody: body,
  } = await blob.download(0, undefined, abortSignal && { abortSignal });
  try {
    if (contentLength > limit) throw new TooManyBytesError(limit);
    return { bytes: body ? await boundedBytes(body, limit) : Buffer.alloc(0), etag };
  } catch (error) {
    if (!(error instanceof TooManyBytesError)) throw error;
    // What is still to come would keep the connection.
    if (body instanceof Readable) body.destroy();
    throw new CorruptMessageError(
      `The blob '${blob.name}' in container '${blob.containerName}' is longer than ${limit} bytes, which is more than is read.`,
      { cause: error },
    );
  }
}
