/**
 * POST /instances/{instanceId}/resume?reason=. Mirrors HttpApiHandler.HandleResumeInstanceRequestAsync; with `recursive=true`,
 * which it does not know, all sub-orchestrations below are reached too.
 */
import { emptyResponse } from '../responses.ts';
import type { OperationCall } from './operation.ts';
import { treeResponse } from './tree-response.ts';

export async function resume(call: OperationCall): Promise<Response> {
  const instanceId = call.segment('instanceId');
  const reason = call.query.text('reason') ?? null;
  if (call.query.flag('recursive') === true) {
    return treeResponse(await call.client.resumeTree(instanceId, reason, call.signal));
  }
  await call.client.resume(instanceId, reason);
  return emptyResponse(202);
}
