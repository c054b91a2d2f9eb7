/** `container/blob`, where the blob's name may hold further slashes. Mirrors BlobPath of the WebJobs SDK. */
import { InvalidInputError } from '../core/errors.ts';

export interface BlobPath {
  readonly container: string;
  readonly blob: string;
}

/** Rules of the storage service: `Abc`, `a--b` and `ab` are none. */
const CONTAINER_NAME = /^(?:\$root|\$web|\$logs|(?=.{3,63}$)[a-z0-9]+(?:-[a-z0-9]+)*)$/;
const MAX_BLOB_NAME_LENGTH = 1_024;

/** @throws {InvalidInputError} for what cannot be one. */
export function parseBlobPath(path: string): BlobPath {
  const slash = path.indexOf('/');
  const container = path.slice(0, Math.max(slash, 0));
  const blob = path.slice(slash + 1);
  if (container === '' || blob === '') {
    throw new InvalidInputError(
      `Invalid blob path specified : '${path}'. Blob identifiers must be in the format 'container/blob'.`,
    );
  }
  checkContainerName(path);
  if (blob.length > MAX_BLOB_NAME_LENGTH) {
    throw new InvalidInputError(
      `The blob name of the path '${path.slice(0, 100)}…' is ${blob.length} characters long; storage takes ${MAX_BLOB_NAME_LENGTH}.`,
    );
  }
  return { container, blob };
}

/** @param path its blob's name may still hold expressions. @throws {InvalidInputError} */
export function checkContainerName(path: string): void {
  const [container = ''] = path.split('/', 1);
  if (CONTAINER_NAME.test(container)) return;
  throw new InvalidInputError(
    `Invalid container name: '${container}', of the path '${path}'. It takes 3 to 63 lower-case letters, digits and single dashes.`,
  );
}
