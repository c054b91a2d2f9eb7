/**
 * GET /instances. Mirrors HttpApiHandler.HandleGetStatusRequestAsync (the overload without id): a filter that cannot be
 * understood is ignored, as recorded; a continuation token that is not ours is an error, for ignoring it would loop. Ours are
 * `name`, `excludeEntities`, `newestFirst` and `showOutput`.
 */
import { payloadsLength } from '../../core/instance-status.ts';
import { jsonArrayResponse } from '../responses.ts';
import type { OperationCall } from './operation.ts';
import { statusJson } from './status-json.ts';

export const CONTINUATION_HEADER = 'x-ms-continuation-token';
export const DEFAULT_PAGE_SIZE = 100;

export async function list(call: OperationCall): Promise<Response> {
  const { query } = call;
  const showInput = query.flag('showInput') ?? true;
  const createdTimeFrom = query.date('createdTimeFrom');
  const createdTimeTo = query.date('createdTimeTo');
  const instanceIdPrefix = query.text('instanceIdPrefix');
  const name = query.text('name');
  const continuationToken = call.header(CONTINUATION_HEADER);
  const page = await call.client.list({
    ...(createdTimeFrom && { createdTimeFrom }),
    ...(createdTimeTo && { createdTimeTo }),
    ...(instanceIdPrefix && { instanceIdPrefix }),
    ...(name && { name }),
    excludeEntities: query.flag('excludeEntities') ?? false,
    newestFirst: query.flag('newestFirst') ?? false,
    ...(continuationToken && { continuationToken }),
    runtimeStatuses: query.statuses('runtimeStatus').known,
    pageSize: query.count('top') ?? DEFAULT_PAGE_SIZE,
    includeInput: showInput,
    includeOutput: query.flag('showOutput') ?? true,
  });
  const { instances, continuationToken: next } = page;
  const length = instances.reduce((sum, record) => sum + payloadsLength(record), 0);
  const elements = instances.map((record) => () => statusJson(record, { showInput }));
  // Clients loop while the header has a value; it is there, empty, on the last page.
  return jsonArrayResponse(elements, length, { [CONTINUATION_HEADER]: next ?? '' });
}
