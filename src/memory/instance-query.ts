/** Filters and pages over instance records, in the order of their ids. */
import { InvalidContinuationTokenError } from '../core/errors.ts';
import { isEntityId } from '../core/ids.ts';
import type { InstanceRecord } from '../core/instance-status.ts';
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
  const page = matching.slice(0, query.pageSize);
  const last = page.at(-1);
  return {
    instances: page.map((record) => ({
      ...record,
      input: query.includeInput ? record.input : null,
      output: query.includeOutput ? record.output : null,
    })),
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
