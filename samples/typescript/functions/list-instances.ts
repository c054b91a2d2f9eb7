// All instances of the task hub, newest first; `?status=Running,Pending` keeps those in one of these statuses.
//
//   curl http://localhost:7071/api/instances
//   curl 'http://localhost:7071/api/instances?status=Failed,Terminated'
import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { failure } from './http/json';

const KNOWN_STATUSES = Object.values(df.OrchestrationRuntimeStatus);

app.http('ListInstances', {
  methods: ['GET'],
  route: 'instances',
  authLevel: 'anonymous',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const asked = (request.query.get('status') ?? '').split(',').filter(Boolean);
    const statuses = KNOWN_STATUSES.filter((status) => asked.includes(status));
    if (statuses.length < asked.length) {
      return failure(400, `'status' is a list of ${KNOWN_STATUSES.join(', ')}.`);
    }

    const client = df.getClient(context);
    const instances =
      statuses.length === 0
        ? await client.getStatusAll()
        : await client.getStatusBy({ runtimeStatus: statuses });
    instances.sort((a, b) => Date.parse(String(b.createdTime)) - Date.parse(String(a.createdTime)));
    return {
      jsonBody: instances.map((instance) => ({
        instanceId: instance.instanceId,
        name: instance.name,
        runtimeStatus: instance.runtimeStatus,
        createdTime: instance.createdTime,
        customStatus: instance.customStatus,
      })),
    };
  },
});
