/** GET /search: instances by duration, parent and text, which storage has no index for. Ours. What a call may cost is bounded. */
import { InvalidInputError } from '../../core/errors.ts';
import { RUNTIME_STATUSES } from '../../core/instance-status.ts';
import { jsonArray, jsonObject } from '../../base/json-text.ts';
import { searchInstances } from '../../engine/queries/search-instances.ts';
import { jsonResponse } from '../responses.ts';
import { CONTINUATION_HEADER } from './list.ts';
import type { OperationCall } from './operation.ts';
import { countIn, dateIn, secondsIn } from './own-query.ts';
import { statusJson } from './status-json.ts';

const DEFAULT_LOOK = 1_000;
const MAX_LOOK = 5_000;
/** Whoever waits for the answer can ask for more. */
const BUDGET_MS = 10_000;
const MAX_TEXT_LENGTH = 1_000;

export async function search(call: OperationCall): Promise<Response> {
  const { client, query } = call;
  const look = countIn(query, 'top', { max: MAX_LOOK, otherwise: DEFAULT_LOOK });
  const { known: runtimeStatuses, unknown } = query.statuses('runtimeStatus');
  if (unknown.length > 0) {
    throw new InvalidInputError(
      `'${unknown.join(', ')}' is not a runtimeStatus. Known ones: ${RUNTIME_STATUSES.join(', ')}.`,
    );
  }
  const text = query.text('text');
  if (text !== undefined && text.length > MAX_TEXT_LENGTH) {
    throw new InvalidInputError(
      `The text that is searched for has ${text.length} characters. Give ${MAX_TEXT_LENGTH} at most.`,
    );
  }
  const createdTimeFrom = dateIn(query, 'createdTimeFrom');
  const createdTimeTo = dateIn(query, 'createdTimeTo');
  const instanceIdPrefix = query.text('instanceIdPrefix');
  const name = query.text('name');
  const found = await searchInstances((asked) => client.list(asked), {
    among: {
      runtimeStatuses,
      ...(createdTimeFrom && { createdTimeFrom }),
      ...(createdTimeTo && { createdTimeTo }),
      ...(instanceIdPrefix !== undefined && { instanceIdPrefix }),
      ...(name !== undefined && { name }),
    },
    searched: {
      minDurationMs: secondsIn(query, 'minDuration'),
      maxDurationMs: secondsIn(query, 'maxDuration'),
      parentInstanceId: query.text('parentInstanceId'),
      text,
    },
    look,
    continuationToken: call.header(CONTINUATION_HEADER) || undefined,
    budgetMs: BUDGET_MS,
    now: Date.now,
  });
  const { instances, seen, continuationToken } = found;
  const body = jsonObject([
    ['seen', String(seen)],
    ['isComplete', String(continuationToken === undefined)],
    ['instances', jsonArray(instances.map((each) => statusJson(each, { showInput: false })))],
  ]);
  return jsonResponse(200, body, {
    [CONTINUATION_HEADER]: continuationToken ?? '',
    'cache-control': 'no-store',
  });
}
