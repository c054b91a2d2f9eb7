/** Filters and pages over instance records, in the order of their ids. */
import { InvalidContinuationTokenError } from '../core/errors.ts';
import { isEntityId, toInstanceId } from '../core/ids.ts';
import { type InstanceRecord, payloadsLength } from '../core/instance-status.ts';
import type { InstancePage, InstanceQuery } from '../engine/backend.ts';

/** @throws {InvalidContinuationTokenError} */
export function listPage(records: readonly InstanceRecord[], query: InstanceQuery): InstancePage {
  const after = query.continuationToken === undefined ? undefined : lastOf(query.continuationToken);
  const order = query.newestFirst === true ? newestFirst : byId;
  const matching = records
    .filter((record) => matches(record, query) && (after === undefined || order(record, after) > 0))
    .sort(order);
  const page: InstanceRecord[] = [];
  let length = 0;
  for (const record of matching) {
    if (page.length === query.pageSize || length >= (query.maxPageLength ?? Infinity)) break;
    const input = query.includeInput ? record.input : null;
    const output = query.includeOutput ? record.output : null;
    page.push({ ...record, input, output });
    length += payloadsLength({ input, output });
  }
  const last = page.at(-1);
  return {
    instances: page,
    continuationToken:
      last === undefined || page.length === matching.length ? undefined : tokenAfter(last),
  };
}

/** What a page goes on after. */
type Last = Pick<InstanceRecord, 'instanceId' | 'createdTime'>;

function byId(a: Last, b: Last): number {
  return a.instanceId < b.instanceId ? -1 : a.instanceId > b.instanceId ? 1 : 0;
}

function newestFirst(a: Last, b: Last): number {
  return Date.parse(b.createdTime) - Date.parse(a.createdTime) || byId(b, a);
}

function matches(record: InstanceRecord, query: InstanceQuery): boolean {
  const created = Date.parse(record.createdTime);
  const { createdTimeFrom, createdTimeTo, runtimeStatuses, instanceIdPrefix, name } = query;
  if (name !== undefined && record.name !== name) return false;
  if (createdTimeFrom !== undefined && created < createdTimeFrom.getTime()) return false;
  if (createdTimeTo !== undefined && created > createdTimeTo.getTime()) return false;
  const { lastUpdatedTo } = query;
  if (lastUpdatedTo !== undefined && Date.parse(record.lastUpdatedTime) > lastUpdatedTo.getTime())
    return false;
  if (runtimeStatuses?.length && !runtimeStatuses.includes(record.runtimeStatus)) return false;
  if (instanceIdPrefix !== undefined && !record.instanceId.startsWith(instanceIdPrefix))
    return false;
  return !(query.excludeEntities === true && isEntityId(record.instanceId));
}

function tokenAfter({ instanceId, createdTime }: Last): string {
  const after = [instanceId, createdTime];
  return Buffer.from(JSON.stringify({ after }), 'utf8').toString('base64url');
}

function lastOf(token: string): Last {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    throw new InvalidContinuationTokenError(token);
  }
  if (typeof parsed !== 'object' || parsed === null || !('after' in parsed)) {
    throw new InvalidContinuationTokenError(token);
  }
  const after: unknown = parsed.after;
  const [instanceId, createdTime] = Array.isArray(after) ? (after as unknown[]) : [];
  if (typeof instanceId !== 'string' || typeof createdTime !== 'string') {
    throw new InvalidContinuationTokenError(token);
  }
  return { instanceId: toInstanceId(instanceId), createdTime };
}
