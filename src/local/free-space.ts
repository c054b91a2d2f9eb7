/** Keeps a transaction from beginning that the disk has no room for: a commit that fails half-way is dearer, and says less. */
import { statfsSync } from 'node:fs';
import { BackendUnavailableError } from '../core/errors.ts';

/** A transaction writes copies of the pages that it changes, also where it only deletes. */
const MIN_FREE_BYTES = 4 * 1024 * 1024;

/** @throws {BackendUnavailableError} when the disk of the folder is as good as full. */
export function checkFreeSpace(folder: string): void {
  const { bavail, bsize } = statfsSync(folder);
  if (bavail * bsize >= MIN_FREE_BYTES) return;
  throw new BackendUnavailableError(
    `The disk of ${folder} is full: nothing can be stored before there is room again.`,
  );
}
