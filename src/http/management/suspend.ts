/**
 * POST /instances/{instanceId}/suspend?reason=. Mirrors HttpApiHandler.HandleSuspendInstanceRequestAsync; with `recursive=true`,
 * which it does not know, all sub-orchestrations below are reached too.
 */
import { emptyResponse } from '../responses.ts';
import type { OperationCall } from './operation.ts';
import { treeResponse } from './tree-response.ts';

export async function suspend(call: OperationCall): Promise<Response> {
  const instanceId = call.segment('instanceId');
  const reason = call.query.text('reason') ?? null;
  if (call.query.flag('recursive') === true) {
    return treeResponse(await call.client.suspendTree(instanceId, reason, call.signal));
  }
  await call.client.suspend(instanceId, reason);
  return emptyResponse(202);
}
