// Stops an instance for good. The instance ends at its next turn, so its status may say `Running` a moment longer.
//
//   curl -i -X POST 'http://localhost:7071/api/instances/holiday/terminate?reason=No%20longer%20needed'
import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { findInstance } from './http/find-instance';
import { notFound } from './http/json';

app.http('TerminateInstance', {
  methods: ['POST'],
  route: 'instances/{instanceId}/terminate',
  authLevel: 'anonymous',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const instanceId = request.params['instanceId'] ?? '';
    if ((await findInstance(client, instanceId)) === undefined) return notFound(instanceId);
    await client.terminate(instanceId, request.query.get('reason') ?? 'Terminated by request.');
    return { status: 202 };
  },
});
