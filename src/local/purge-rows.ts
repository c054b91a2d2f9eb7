/** The table of purges of whole trees that have begun and not ended, should the process end that is at one. */
import { toInstanceId } from '../core/ids.ts';
import type { TreePurge } from '../engine/backend.ts';
import type { HubTables } from './hub-tables.ts';

export function putPurge({ purges }: HubTables, { instanceId, executionId }: TreePurge): void {
  purges.putSync(instanceId, JSON.stringify(executionId));
}

export function removePurge({ purges }: HubTables, { instanceId }: TreePurge): void {
  purges.removeSync(instanceId);
}

export function listPurges({ purges }: HubTables): readonly TreePurge[] {
  return [...purges.getRange()].map(({ key, value }) => ({
    instanceId: toInstanceId(key),
    executionId: JSON.parse(value) as string | null,
  }));
}
