/** The format of what is in the file of a hub. Newer ones are refused, older ones are brought up to date when they are opened. */
import type { RootDatabase } from 'lmdb';
import { DurableError } from '../core/errors.ts';

/** The step from format 1 to 2 is the first one, and so on. They run in one transaction. */
const STEPS: readonly ((root: RootDatabase<string, string>) => void)[] = [];

/** Of what this version writes: one more whenever an older version could no longer read it. */
export const FORMAT = STEPS.length + 1;

/** @throws {DurableError} `CONFIG`, for what a newer version wrote. */
export function bringUpToDate(root: RootDatabase<string, string>, file: string): void {
  const meta = root.openDB<string, string>({ name: 'meta', encoding: 'string' });
  const written = meta.get('format');
  const format = Number(written ?? FORMAT);
  if (format === FORMAT) return;
  if (!(format < FORMAT)) {
    throw new DurableError(
      'CONFIG',
      `The file ${file} has format ${format}, and this version knows ${FORMAT} only: a newer version of durable-functions-extension wrote it. Start that version, or name another folder (storageProvider.path).`,
    );
  }
  root.transactionSync(() => {
    for (const step of STEPS.slice(format - 1)) step(root);
    meta.putSync('format', String(FORMAT));
  });
}
