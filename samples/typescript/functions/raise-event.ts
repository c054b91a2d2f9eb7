// Sends an event to an instance; the JSON body is the event's data. An instance that does not wait for it yet keeps it.
//
//   curl -i -X POST http://localhost:7071/api/instances/holiday/events/Approval \
//     -H 'Content-Type: application/json' -d 'true'
import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { findInstance } from './http/find-instance';
import { notFound, readBody } from './http/json';

app.http('RaiseEvent', {
  methods: ['POST'],
  route: 'instances/{instanceId}/events/{eventName}',
  authLevel: 'anonymous',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const instanceId = request.params['instanceId'] ?? '';
    if ((await findInstance(client, instanceId)) === undefined) return notFound(instanceId);
    const data = (await readBody(request)) ?? null;
    await client.raiseEvent(instanceId, request.params['eventName'] ?? '', data);
    return { status: 202 };
  },
});
