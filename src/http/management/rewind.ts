/**
 * POST /instances/{instanceId}/rewind. The checks are those of HttpApiHandler.HandleRewindInstanceRequestAsync; rewinding
 * itself is not in this version, which is said with the status that the SDKs know for it. All refusals are JSON strings: the
 * SDKs show the body as it is.
 */
import { jsonResponse } from '../responses.ts';
import type { OperationCall } from './operation.ts';

export async function rewind(call: OperationCall): Promise<Response> {
  const instanceId = call.segment('instanceId');
  const record = await call.client.findStatus(instanceId, { input: false, output: false });
  if (!record) {
    // The dollar sign is in the original.
    return text(404, `No orchestration with instance ID "$${instanceId}" found.`);
  }
  if (record.runtimeStatus !== 'Failed') {
    return text(
      412,
      `This orchestration has status ${record.runtimeStatus}, but only orchestrations in the "Failed" state can be rewound.`,
    );
  }
  return text(
    501,
    `Rewind is not supported by this version of durable-functions-extension. To run instance '${instanceId}' again from the beginning, use POST instances/${encodeURIComponent(instanceId)}/restart.`,
  );
}

function text(status: number, message: string): Response {
  return jsonResponse(status, JSON.stringify(message));
}
