/** GET /instances/{instanceId}/rewindPlan: what a rewind would do again. Ours. A call reads the whole history of the instance. */
import { previewRewind } from '../../engine/client/rewind-preview.ts';
import { emptyResponse, messageResponse } from '../responses.ts';
import type { OperationCall } from './operation.ts';
import { taggedAnswer } from './tagged-answer.ts';

/** Of a fan-out nobody reads all. */
const MAX_TOLD = 200;

export async function rewindPlan(call: OperationCall): Promise<Response> {
  const { client } = call;
  const record = await client.findStatus(call.segment('instanceId'), {
    input: false,
    output: false,
  });
  if (!record) return emptyResponse(404);
  const { instanceId, runtimeStatus } = record;
  if (runtimeStatus !== 'Failed') {
    return messageResponse(
      412,
      `This orchestration has status ${runtimeStatus}: only one that has failed can be rewound.`,
    );
  }
  const plan = previewRewind(instanceId, await client.readHistory(instanceId));
  const body = {
    activityCount: plan.activities.length,
    activities: plan.activities.slice(0, MAX_TOLD),
    childCount: plan.children.length,
    children: plan.children.slice(0, MAX_TOLD),
    timerCount: plan.timers,
  };
  return taggedAnswer(call, JSON.stringify(body));
}
