/**
 * DELETE /instances/{instanceId} and DELETE /instances. Mirrors HttpApiHandler.HandleDeleteHistoryByIdRequestAsync and
 * HandleDeleteHistoryWithFiltersRequestAsync. With `recursive=true`, which they do not know, the sub-orchestrations below an
 * instance are purged with it.
 *
 * A purge by filter answers in time, whatever is left: the token of its answer, in the header that lists use, goes on there. So
 * does the same request again, as what is purged is not found any more.
 */
import { InstanceStateConflictError, InvalidInputError } from '../../core/errors.ts';
import { isEntityId } from '../../core/ids.ts';
import { RUNTIME_STATUSES } from '../../core/instance-status.ts';
import { emptyResponse, jsonResponse } from '../responses.ts';
import { CONTINUATION_HEADER } from './list.ts';
import type { OperationCall } from './operation.ts';
import type { Query } from './query.ts';

/** Proxies and clients wait for a minute, or for little more. */
const BUDGET_MS = 50_000;

export async function purge(call: OperationCall): Promise<Response> {
  const instanceId = call.segment('instanceId');
  try {
    if (call.query.flag('recursive') === true) {
      const { instances } = await call.client.trees.purge(instanceId);
      const body = { instancesDeleted: instances.length, instances };
      return jsonResponse(200, JSON.stringify(body));
    }
    const deleted = await call.client.purge(instanceId);
    // .NET does not look an entity up before it purges it.
    return deleted === 0 && !isEntityId(instanceId) ? emptyResponse(404) : purged(deleted);
  } catch (error) {
    if (!(error instanceof InstanceStateConflictError)) throw error;
    return jsonResponse(412, JSON.stringify(error.message));
  }
}

/**
 * A filter that cannot be understood is refused: .NET ignores it, and then deletes what nobody asked to delete.
 */
export async function purgeByFilter(call: OperationCall): Promise<Response> {
  const { query } = call;
  if (query.text('createdTimeFrom') === undefined) {
    const message = "Please provide value for 'createdTimeFrom' parameter.";
    return jsonResponse(400, JSON.stringify(message));
  }
  const { known, unknown } = query.statuses('runtimeStatus');
  if (unknown.length > 0) {
    throw new InvalidInputError(
      `'${unknown.join(', ')}' is not a runtimeStatus; nothing was purged. Known ones: ${RUNTIME_STATUSES.join(', ')}.`,
    );
  }
  const createdTimeFrom = dateOrThrow(query, 'createdTimeFrom');
  const createdTimeTo =
    query.text('createdTimeTo') === undefined ? undefined : dateOrThrow(query, 'createdTimeTo');
  const former = call.header(CONTINUATION_HEADER) || undefined;
  const { instancesDeleted, continuationToken } = await call.client.purgeForAWhile(
    { createdTimeFrom, ...(createdTimeTo && { createdTimeTo }), runtimeStatuses: known },
    { budgetMs: BUDGET_MS, continuationToken: former },
  );
  if (continuationToken !== undefined) {
    return purged(instancesDeleted, { [CONTINUATION_HEADER]: continuationToken });
  }
  return instancesDeleted === 0 && former === undefined
    ? emptyResponse(404)
    : purged(instancesDeleted);
}

function purged(
  instancesDeleted: number,
  headers: Readonly<Record<string, string>> = {},
): Response {
  return jsonResponse(200, JSON.stringify({ instancesDeleted }), headers);
}

function dateOrThrow(query: Query, name: string): Date {
  const date = query.date(name);
  if (date) return date;
  throw new InvalidInputError(
    `'${query.text(name) ?? ''}' is not a date for '${name}'; nothing was purged. Give it as ISO 8601, such as 2026-01-31T00:00:00Z.`,
  );
}
