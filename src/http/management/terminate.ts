/**
 * POST /instances/{instanceId}/terminate?reason=. Mirrors HttpApiHandler.HandleTerminateInstanceRequestAsync; with `recursive=true`,
 * which it does not know, all sub-orchestrations below are reached too.
 */
import { emptyResponse } from '../responses.ts';
import type { OperationCall } from './operation.ts';
import { treeResponse } from './tree-response.ts';

export async function terminate(call: OperationCall): Promise<Response> {
  const instanceId = call.segment('instanceId');
  const reason = call.query.text('reason') ?? null;
  if (call.query.flag('recursive') === true) {
    return treeResponse(await call.client.terminateTree(instanceId, reason, call.signal));
  }
  await call.client.terminate(instanceId, reason);
  return emptyResponse(202);
}
