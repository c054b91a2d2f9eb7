/**
 * Finds instances by what storage has no index for: how long they took, who called them, what is in their payloads. Instances are
 * looked at one by one for it; a look ends at its bounds, says how many it has seen, and can go on from there.
 */
import { isTerminal, type InstanceRecord } from '../../core/instance-status.ts';
import type { InstanceQuery } from '../backend.ts';
import type { ListInstances } from './look-at-instances.ts';

export interface SearchedFor {
  /** From creation to end, or until now. */
  readonly minDurationMs?: number | undefined;
  readonly maxDurationMs?: number | undefined;
  readonly parentInstanceId?: string | undefined;
  /** In input, output or custom status, in any case of letters: as it stands in the JSON, or as the text that a JSON string means. */
  readonly text?: string | undefined;
}

export interface SearchQuery {
  /** What storage itself can find by. */
  readonly among: Partial<InstanceQuery>;
  readonly searched: SearchedFor;
  /** How many instances may be looked at. */
  readonly look: number;
  /** Of a former look. */
  readonly continuationToken?: string | undefined;
  /** How long a look may take: the page under way is finished. */
  readonly budgetMs: number;
  readonly now: () => number;
}

export interface SearchResult {
  /** Without input and output. */
  readonly instances: readonly InstanceRecord[];
  /** How many were looked at. */
  readonly seen: number;
  /** undefined when all were. */
  readonly continuationToken: string | undefined;
}

/** Payloads of a page are in memory together. */
const PAGE_SIZE = 200;
/** Pages may be empty. */
const MAX_PAGES = 200;

export async function searchInstances(
  list: ListInstances,
  { among, searched, look, budgetMs, now, ...asked }: SearchQuery,
): Promise<SearchResult> {
  const deadlineMs = now() + budgetMs;
  const readsPayloads = searched.text !== undefined;
  const found: InstanceRecord[] = [];
  let { continuationToken } = asked;
  let seen = 0;
  let pages = 0;
  do {
    const page = await list({
      ...among,
      excludeEntities: true,
      newestFirst: true,
      includeInput: readsPayloads,
      includeOutput: readsPayloads,
      pageSize: Math.min(PAGE_SIZE, look - seen),
      ...(continuationToken !== undefined && { continuationToken }),
    });
    for (const record of page.instances) {
      if (isFound(record, searched, now())) found.push({ ...record, input: null, output: null });
    }
    seen += page.instances.length;
    pages += 1;
    ({ continuationToken } = page);
  } while (
    continuationToken !== undefined &&
    seen < look &&
    pages < MAX_PAGES &&
    now() < deadlineMs
  );
  return { instances: found, seen, continuationToken };
}

function isFound(record: InstanceRecord, searched: SearchedFor, nowMs: number): boolean {
  const { minDurationMs = 0, maxDurationMs = Infinity, parentInstanceId, text } = searched;
  if (parentInstanceId !== undefined && record.parentInstanceId !== parentInstanceId) return false;
  const durationMs = durationOf(record, nowMs);
  if (durationMs < minDurationMs || durationMs > maxDurationMs) return false;
  return text === undefined || holdsText(record, text);
}

function durationOf(record: InstanceRecord, nowMs: number): number {
  const { runtimeStatus, createdTime, completedTime, lastUpdatedTime } = record;
  const endMs = isTerminal(runtimeStatus) ? Date.parse(completedTime ?? lastUpdatedTime) : nowMs;
  return endMs - Date.parse(createdTime);
}

function holdsText({ input, output, customStatus }: InstanceRecord, text: string): boolean {
  const wanted = text.toLowerCase();
  const inJson = JSON.stringify(wanted).slice(1, -1);
  return [input, output, customStatus].some((payload) => {
    const stored = payload?.toLowerCase();
    return stored?.includes(wanted) === true || stored?.includes(inJson) === true;
  });
}
