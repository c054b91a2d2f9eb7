/** POST /instances/{instanceId}/resume?reason=. Mirrors HttpApiHandler.HandleResumeInstanceRequestAsync. */
import { emptyResponse } from '../responses.ts';
import type { OperationCall } from './operation.ts';

export async function resume(call: OperationCall): Promise<Response> {
  await call.client.resume(call.segment('instanceId'), call.query.text('reason') ?? null);
  return emptyResponse(202);
}
