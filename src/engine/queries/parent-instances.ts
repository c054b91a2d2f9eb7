/** Who has called an instance, and who has called those: up to the one that somebody started. */
import type { InstanceRecord } from '../../core/instance-status.ts';

export interface ParentInstance {
  readonly instanceId: string;
  /** undefined when the hub does not have it: it was purged. */
  readonly record: InstanceRecord | undefined;
}

export interface Parents {
  /** The nearest first. */
  readonly parents: readonly ParentInstance[];
  /** Whether the last one is the first of all, as far as the hub knows. */
  readonly isComplete: boolean;
}

/**
 * Rows of before extension 3.19 do not name their parents.
 * @param max how many rows are read, one after the other.
 * @param find reads one row, without payloads.
 */
export async function listParents(
  { instanceId, parentInstanceId }: Pick<InstanceRecord, 'instanceId' | 'parentInstanceId'>,
  max: number,
  find: (instanceId: string) => Promise<InstanceRecord | undefined>,
): Promise<Parents> {
  const parents: ParentInstance[] = [];
  // An id that was purged and taken again may lead in a circle.
  const seen = new Set<string>([instanceId]);
  let next = parentInstanceId;
  while (next !== null && !seen.has(next) && parents.length < max) {
    seen.add(next);
    const record = await find(next);
    parents.push({ instanceId: next, record });
    next = record?.parentInstanceId ?? null;
  }
  return { parents, isComplete: next === null || seen.has(next) };
}
