/**
 * A page of the instances that a filter finds. What storage has an index for is listed; for the rest the host looks at instances one by
 * one, so many at a time.
 */
import { callApi, type InstanceStatus } from '../api.ts';
import { apiQueryOf, type InstanceFilter, isSearch } from './instance-filter.ts';

/** How many instances the host looks at for one page of a search. */
export const LOOKED_AT_ONCE = 1_000;

export interface InstancePage {
  readonly rows: readonly InstanceStatus[];
  /** undefined on the last page. */
  readonly token: string | undefined;
  /** How many were looked at for it. */
  readonly seen: number;
}

export interface AskedPage {
  /** Of a list; a search has its own. */
  readonly top: number;
  readonly nowMs: number;
  /** Where the filter has no end. @default none */
  readonly createdTimeTo?: string;
  readonly continuationToken: string | undefined;
  readonly signal: AbortSignal;
}

/** @throws {ApiError} */
export async function askPage(filter: InstanceFilter, asked: AskedPage): Promise<InstancePage> {
  const { continuationToken, signal, nowMs } = asked;
  const fromFilter = apiQueryOf(filter, nowMs);
  const common = {
    ...fromFilter,
    createdTimeTo: fromFilter['createdTimeTo'] ?? asked.createdTimeTo,
  };
  if (isSearch(filter)) {
    const query = { ...common, top: LOOKED_AT_ONCE };
    const answer = await callApi(['search'], { query, continuationToken, signal });
    const found = answer.body as unknown as Found;
    return { rows: found.instances, token: answer.continuationToken, seen: found.seen };
  }
  const query = { ...common, ...LEAN, top: asked.top };
  const answer = await callApi(['instances'], { query, continuationToken, signal });
  const rows = answer.body as unknown as readonly InstanceStatus[];
  return { rows, token: answer.continuationToken, seen: rows.length };
}

/** `1,000 instances were looked at` */
export function seenText(count: number): string {
  return count === 1
    ? '1 instance was looked at'
    : `${count.toLocaleString('en')} instances were looked at`;
}

/** As GET /search tells. */
interface Found {
  readonly seen: number;
  readonly instances: readonly InstanceStatus[];
}

/** Payloads stay with the host. */
const LEAN = { showInput: false, showOutput: false, excludeEntities: true, newestFirst: true };
