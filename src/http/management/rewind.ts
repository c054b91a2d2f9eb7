/**
 * POST /instances/{instanceId}/rewind?reason=. Mirrors HttpApiHandler.HandleRewindInstanceRequestAsync. All refusals are JSON
 * strings: the SDKs show the body as it is.
 */
import { InstanceNotFoundError, InstanceStateConflictError } from '../../core/errors.ts';
import { emptyResponse, jsonResponse } from '../responses.ts';
import type { OperationCall } from './operation.ts';

export async function rewind(call: OperationCall): Promise<Response> {
  const instanceId = call.segment('instanceId');
  try {
    await call.client.rewind(instanceId, call.query.text('reason') ?? null);
  } catch (error) {
    if (error instanceof InstanceNotFoundError) {
      // The dollar sign is in the original.
      return text(404, `No orchestration with instance ID "$${instanceId}" found.`);
    }
    if (error instanceof InstanceStateConflictError) return text(412, error.message);
    throw error;
  }
  return emptyResponse(202);
}

function text(status: number, message: string): Response {
  return jsonResponse(status, JSON.stringify(message));
}
