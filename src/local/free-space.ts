/** Keeps a transaction from beginning that the disk has no room for: a commit that fails half-way is dearer, and says less. */
import { statfsSync } from 'node:fs';
import { BackendUnavailableError } from '../core/errors.ts';

/** A transaction writes copies of the pages that it changes, also where it only deletes. */
const MIN_FREE_BYTES = 4 * 1024 * 1024;

/** @throws {BackendUnavailableError} when the disk of the folder is as good as full. */
export function checkFreeSpace(folder: string): void {
  if (freeBytes(folder) >= MIN_FREE_BYTES) return;
  throw new BackendUnavailableError(
    `The disk of ${folder} is full: nothing can be stored before there is room again.`,
  );
}

/** A transaction that needs more than there is meets no more than an "Input/output error". Empty where there is no such folder. */
export function freeSpaceNote(folder: string): string {
  try {
    const megabytes = freeBytes(folder) / 1024 / 1024;
    return `, with ${megabytes.toFixed(megabytes < 10 ? 1 : 0)} MB free on its disk`;
  } catch {
    // What has failed says why.
    return '';
  }
}

function freeBytes(folder: string): number {
  const { bavail, bsize } = statfsSync(folder);
  return bavail * bsize;
}
