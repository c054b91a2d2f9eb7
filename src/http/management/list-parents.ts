/** GET /instances/{instanceId}/parents: who has called it, up to the instance that somebody started. Ours. */
import { listParents } from '../../engine/queries/parent-instances.ts';
import { emptyResponse } from '../responses.ts';
import type { OperationCall } from './operation.ts';
import { countIn } from './own-query.ts';
import { taggedAnswer } from './tagged-answer.ts';

/** Each costs a look at its row, one after the other. */
const MAX_PARENTS = 50;
const DEFAULT_PARENTS = 20;
const WITHOUT_PAYLOADS = { input: false, output: false } as const;

export async function parents(call: OperationCall): Promise<Response> {
  const { client, query } = call;
  const max = countIn(query, 'top', { max: MAX_PARENTS, otherwise: DEFAULT_PARENTS });
  const find = (id: string) => client.findStatus(id, WITHOUT_PAYLOADS);
  const record = await find(call.segment('instanceId'));
  if (!record) return emptyResponse(404);
  const found = await listParents(record, max, find);
  const body = {
    isComplete: found.isComplete,
    parents: found.parents.map((parent) => ({
      instanceId: parent.instanceId,
      name: parent.record?.name ?? null,
      runtimeStatus: parent.record?.runtimeStatus ?? null,
      createdTime: parent.record?.createdTime ?? null,
      lastUpdatedTime: parent.record?.lastUpdatedTime ?? null,
    })),
  };
  return taggedAnswer(call, JSON.stringify(body));
}
