/** POST /instances/{instanceId}/terminate?reason=. Mirrors HttpApiHandler.HandleTerminateInstanceRequestAsync. */
import { emptyResponse } from '../responses.ts';
import type { OperationCall } from './operation.ts';

export async function terminate(call: OperationCall): Promise<Response> {
  await call.client.terminate(call.segment('instanceId'), call.query.text('reason') ?? null);
  return emptyResponse(202);
}
