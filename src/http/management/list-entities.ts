/**
 * GET /entities[/{entityName}]. Only entities that exist are shown, so that a page may be short, or empty, and still have a
 * token. Mirrors HttpApiHandler.HandleListEntitiesRequestAsync.
 */
import { netTime } from '../../base/net-time.ts';
import type { EntityRecord } from '../../engine/task-hub-client.ts';
import { embedPayload, jsonObject, type JsonText } from '../../base/json-text.ts';
import { jsonArrayResponse } from '../responses.ts';
import { CONTINUATION_HEADER, DEFAULT_PAGE_SIZE } from './list.ts';
import type { OperationCall } from './operation.ts';

export async function listEntities(call: OperationCall): Promise<Response> {
  const { query } = call;
  const lastOperationFrom = query.date('lastOperationTimeFrom');
  const lastOperationTo = query.date('lastOperationTimeTo');
  const continuationToken = call.header(CONTINUATION_HEADER);
  const page = await call.client.entities.list({
    entityName: call.segment('entityName'),
    ...(lastOperationFrom && { lastOperationFrom }),
    ...(lastOperationTo && { lastOperationTo }),
    ...(continuationToken && { continuationToken }),
    fetchState: query.flag('fetchState') ?? false,
    pageSize: query.count('top') ?? DEFAULT_PAGE_SIZE,
  });
  const { entities, continuationToken: next } = page;
  const length = entities.reduce((sum, { state }) => sum + (state?.length ?? 0), 0);
  const elements = entities.map((entity) => () => entityJson(entity));
  return jsonArrayResponse(elements, length, { [CONTINUATION_HEADER]: next ?? '' });
}

function entityJson({ entityId, lastOperationTime, state }: EntityRecord): JsonText {
  return jsonObject([
    ['entityId', JSON.stringify({ name: entityId.name, key: entityId.key })],
    ['lastOperationTime', JSON.stringify(netTime(lastOperationTime))],
    ['state', embedPayload(state)],
  ]);
}
