/** POST /instances/{instanceId}/suspend?reason=. Mirrors HttpApiHandler.HandleSuspendInstanceRequestAsync. */
import { emptyResponse } from '../responses.ts';
import type { OperationCall } from './operation.ts';

export async function suspend(call: OperationCall): Promise<Response> {
  await call.client.suspend(call.segment('instanceId'), call.query.text('reason') ?? null);
  return emptyResponse(202);
}
