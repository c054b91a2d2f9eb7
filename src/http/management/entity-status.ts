/** GET /entities/{entityName}/{entityKey}/status: an entity with its lock, and what waits for it. Ours. Costs one row. */
import { shortened } from '../../base/shortened.ts';
import { netTime } from '../../base/net-time.ts';
import { embedPayload, jsonObject, type JsonText } from '../../base/json-text.ts';
import type { EntityRequest } from '../../core/entity/request-message.ts';
import { emptyResponse } from '../responses.ts';
import { entityKey } from './get-entity.ts';
import type { OperationCall } from './operation.ts';
import { taggedAnswer } from './tagged-answer.ts';

const MAX_QUEUED = 200;
const MAX_INPUT_LENGTH = 2_000;

export async function entityStatus(call: OperationCall): Promise<Response> {
  const status = await call.client.entities.readStatus(call.segment('entityName'), entityKey(call));
  if (status === undefined) return emptyResponse(404);
  const { entityId, exists, lastOperationTime, lockedBy, queue, state } = status;
  const body: JsonText = jsonObject([
    ['entityId', JSON.stringify({ name: entityId.name, key: entityId.key })],
    ['exists', JSON.stringify(exists)],
    ['lastOperationTime', JSON.stringify(netTime(lastOperationTime))],
    ['lockedBy', JSON.stringify(lockedBy)],
    ['queueLength', JSON.stringify(queue.length)],
    ['queue', JSON.stringify(queue.slice(0, MAX_QUEUED).map(queuedJson))],
    ['state', embedPayload(state)],
  ]);
  return taggedAnswer(call, body);
}

function queuedJson({ id, operation, isSignal, input, parentInstanceId, ...rest }: EntityRequest) {
  return {
    id,
    /** null for a request for the lock. */
    operation: rest.lockSet === undefined ? (operation ?? '') : null,
    isSignal,
    input: input === null ? null : shortened(input, MAX_INPUT_LENGTH),
    parentInstanceId,
    due: rest.due,
  };
}
