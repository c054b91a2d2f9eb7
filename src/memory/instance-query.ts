/** Filters and pages over instance records, in the order of their ids. */
import { InvalidContinuationTokenError } from '../core/errors.ts';
import { isEntityId } from '../core/ids.ts';
import { type InstanceRecord, payloadsLength } from '../core/instance-status.ts';
import type { InstancePage, InstanceQuery } from '../engine/backend.ts';

/** @throws {InvalidContinuationTokenError} */
export function listPage(records: readonly InstanceRecord[], query: InstanceQuery): InstancePage {
  const after =
    query.continuationToken === undefined ? undefined : lastIdOf(query.continuationToken);
  const matching = records
    .filter(
      (record) => matches(record, query) && (after === undefined || record.instanceId > after),
    )
    .sort((a, b) => (a.instanceId < b.instanceId ? -1 : 1));
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
      last === undefined || page.length === matching.length
        ? undefined
        : tokenAfter(last.instanceId),
  };
}

function matches(record: InstanceRecord, query: InstanceQuery): boolean {
  const created = Date.parse(record.createdTime);
  const { createdTimeFrom, createdTimeTo, runtimeStatuses, instanceIdPrefix } = query;
  if (createdTimeFrom !== undefined && created < createdTimeFrom.getTime()) return false;
  if (createdTimeTo !== undefined && created > createdTimeTo.getTime()) return false;
  if (runtimeStatuses?.length && !runtimeStatuses.includes(record.runtimeStatus)) return false;
  if (instanceIdPrefix !== undefined && !record.instanceId.startsWith(instanceIdPrefix))
    return false;
  return !(query.excludeEntities === true && isEntityId(record.instanceId));
}

function tokenAfter(instanceId: string): string {
  return Buffer.from(JSON.stringify({ after: instanceId }), 'utf8').toString('base64url');
}

function lastIdOf(token: string): string {
  let parsed: unknown;
  try {
    parsed = JSON.parse(Buffer.from(token, 'base64url').toString('utf8'));
  } catch {
    throw new InvalidContinuationTokenError(token);
  }
  if (typeof parsed !== 'object' || parsed === null || !('after' in parsed)) {
    throw new InvalidContinuationTokenError(token);
  }
  if (typeof parsed.after !== 'string') throw new InvalidContinuationTokenError(token);
  return parsed.after;
}
