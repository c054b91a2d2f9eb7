// Tells another system how to manage an instance: posts the management URLs to the URL in the setting `InstanceInfoUrl`.
//
//   InstanceInfoUrl=http://localhost:8080/instances func start --script-root samples/typescript
//   curl -i -X POST http://localhost:7071/api/instances/holiday/send-info
import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { failure } from './http/json';

app.http('SendInstanceInfo', {
  methods: ['POST'],
  route: 'instances/{instanceId}/send-info',
  authLevel: 'anonymous',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const url = process.env['InstanceInfoUrl'];
    if (url === undefined || url === '') {
      return failure(
        500,
        'The setting InstanceInfoUrl is missing: add it to Values of local.settings.json.',
      );
    }

    const instanceId = request.params['instanceId'] ?? '';
    const payload = df.getClient(context).createHttpManagementPayload(instanceId);
    try {
      const response = await fetch(url, {
        method: 'POST',
        headers: { 'Content-Type': 'application/json' },
        body: JSON.stringify({ id: instanceId, payload }),
      });
      if (!response.ok) return failure(502, `${url} answered ${response.status}.`);
    } catch (error) {
      return failure(502, `${url} cannot be reached: ${reason(error)}`);
    }
    return { status: 202 };
  },
});

function reason(error: unknown): string {
  if (!(error instanceof Error)) return String(error);
  return error.cause instanceof Error ? error.cause.message : error.message;
}
