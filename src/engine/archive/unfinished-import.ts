/**
 * A hub that an import did not come to the end of has a part of its instances, and perhaps none of its messages: whoever worked on
 * it, or took it for the whole, would lose the rest.
 */
import { DurableError } from '../../core/errors.ts';
import type { HubArchive } from '../hub-archive.ts';

/** @param consequence what is not done therefore. @throws {DurableError} `CONFIG`, one line with the way out. */
export async function refuseUnfinishedImport(
  hub: Pick<HubArchive, 'findImportMark'>,
  taskHub: string,
  consequence: string,
): Promise<void> {
  if ((await hub.findImportMark()) === undefined) return;
  throw new DurableError(
    'CONFIG',
    `An import into task hub '${taskHub}' is not complete, and ${consequence}: run the same func durable import again, or delete the hub (func durable delete-task-hub).`,
  );
}
