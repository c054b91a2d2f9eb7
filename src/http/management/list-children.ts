/** GET /instances/{instanceId}/children: the sub-orchestrations that it has called, with their states. Ours. */
import { embedPayload, jsonArray, jsonObject } from '../../base/json-text.ts';
import { listChildren, type ChildInstance } from '../../engine/queries/child-instances.ts';
import { emptyResponse } from '../responses.ts';
import type { OperationCall } from './operation.ts';
import { findOwnHistory } from './own-history.ts';
import { countIn, FIRST } from './own-query.ts';
import { taggedAnswer } from './tagged-answer.ts';

const DEFAULT_CHILDREN = 50;
/** Each costs a look at its row. */
const MAX_CHILDREN = 200;
const WITHOUT_PAYLOADS = { input: false, output: false } as const;

export async function children(call: OperationCall): Promise<Response> {
  const { client, query } = call;
  const from = countIn(query, 'from', FIRST);
  const count = countIn(query, 'top', { max: MAX_CHILDREN, otherwise: DEFAULT_CHILDREN });
  const instanceId = call.segment('instanceId');
  const record = await client.findStatus(instanceId, WITHOUT_PAYLOADS);
  if (!record) return emptyResponse(404);
  const history = (await findOwnHistory(client, record)) ?? [];
  const page = await listChildren(history, { from, count }, (id) =>
    client.findStatus(id, WITHOUT_PAYLOADS),
  );
  const body = jsonObject([
    ['total', String(page.total)],
    ['from', String(from)],
    ['children', jsonArray(page.children.map(childJson))],
  ]);
  return taggedAnswer(call, body);
}

function childJson({ instanceId, name, taskScheduledId, record }: ChildInstance): string {
  return jsonObject([
    ['instanceId', JSON.stringify(instanceId)],
    ['name', JSON.stringify(name)],
    ['taskScheduledId', String(taskScheduledId)],
    ['runtimeStatus', JSON.stringify(record?.runtimeStatus ?? null)],
    ['customStatus', embedPayload(record?.customStatus ?? null)],
    ['createdTime', JSON.stringify(record?.createdTime ?? null)],
    ['lastUpdatedTime', JSON.stringify(record?.lastUpdatedTime ?? null)],
  ]);
}
