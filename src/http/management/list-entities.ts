/**
 * GET /entities[/{entityName}]. Entities are instances whose id is `@name@key`; only those that exist are shown, so that a page
 * may be short, or empty, and still have a token. Mirrors HttpApiHandler.HandleListEntitiesRequestAsync.
 */
import { parseEntityId } from '../../core/entity/entity-id.ts';
import { decodeSchedulerState } from '../../core/entity/scheduler-state.ts';
import type { InstanceRecord } from '../../core/instance-status.ts';
import { embedPayload, jsonArray, jsonObject, type JsonText } from '../json-text.ts';
import { jsonResponse } from '../responses.ts';
import { netTime } from './history-view.ts';
import { CONTINUATION_HEADER, DEFAULT_PAGE_SIZE } from './list.ts';
import type { OperationCall } from './operation.ts';

export async function listEntities(call: OperationCall): Promise<Response> {
  const { query } = call;
  const name = call.segment('entityName').toLowerCase();
  const fetchState = query.flag('fetchState') ?? false;
  const createdTimeFrom = query.date('lastOperationTimeFrom');
  const createdTimeTo = query.date('lastOperationTimeTo');
  const continuationToken = call.header(CONTINUATION_HEADER);
  const page = await call.client.list({
    // The row of an entity is as old as its last batch: each one continues as new.
    ...(createdTimeFrom && { createdTimeFrom }),
    ...(createdTimeTo && { createdTimeTo }),
    ...(continuationToken && { continuationToken }),
    instanceIdPrefix: name === '' ? '@' : `@${name}@`,
    pageSize: query.count('top') ?? DEFAULT_PAGE_SIZE,
    includeInput: fetchState,
    includeOutput: false,
  });
  const entities = page.instances.filter(isExistingEntity);
  const body = jsonArray(entities.map((record) => entityJson(record, fetchState)));
  return jsonResponse(200, body, { [CONTINUATION_HEADER]: page.continuationToken ?? '' });
}

/** An orchestration may have an id that looks like an entity's; only entities keep a status of this form. */
function isExistingEntity({ customStatus }: InstanceRecord): boolean {
  return customStatus !== null && /"entityExists":\s*true/.test(customStatus);
}

function entityJson(record: InstanceRecord, fetchState: boolean): JsonText {
  const { name, key } = parseEntityId(record.instanceId);
  const state = fetchState ? decodeSchedulerState(record.input, 0).state : null;
  return jsonObject([
    ['entityId', JSON.stringify({ name, key })],
    ['lastOperationTime', JSON.stringify(netTime(record.createdTime))],
    ['state', embedPayload(state)],
  ]);
}
