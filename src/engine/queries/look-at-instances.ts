/** A look at the instances of a hub that costs no more than was allowed: the latest come first where the storage has that order. */
import type { InstanceRecord } from '../../core/instance-status.ts';
import type { InstancePage, InstanceQuery } from '../backend.ts';

export type ListInstances = (query: InstanceQuery) => Promise<InstancePage>;

export interface LookBounds {
  /** How many instances are looked at. */
  readonly instances: number;
  /** A page may hold little of what was looked at for it. */
  readonly pages: number;
}

const PAGE_SIZE = 1_000;

/**
 * @param query entities, inputs and outputs are left out unless it wants them.
 * @returns whether all were seen.
 */
export async function lookAtInstances(
  list: ListInstances,
  query: Partial<InstanceQuery>,
  bounds: LookBounds,
  see: (record: InstanceRecord) => void,
): Promise<boolean> {
  let continuationToken: string | undefined;
  let seen = 0;
  let pages = 0;
  do {
    const page = await list({
      includeInput: false,
      includeOutput: false,
      excludeEntities: true,
      ...query,
      newestFirst: true,
      pageSize: Math.min(PAGE_SIZE, bounds.instances - seen),
      ...(continuationToken === undefined ? {} : { continuationToken }),
    });
    page.instances.forEach(see);
    seen += page.instances.length;
    pages += 1;
    ({ continuationToken } = page);
  } while (continuationToken !== undefined && seen < bounds.instances && pages < bounds.pages);
  return continuationToken === undefined;
}
