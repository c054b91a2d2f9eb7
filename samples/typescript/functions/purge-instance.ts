// Deletes one finished instance with its history.
//
//   curl -X DELETE http://localhost:7071/api/instances/holiday
//   {"instancesDeleted":1}
import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { notFound } from './http/json';

app.http('PurgeInstance', {
  methods: ['DELETE'],
  route: 'instances/{instanceId}',
  authLevel: 'anonymous',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const instanceId = request.params['instanceId'] ?? '';
    const { instancesDeleted } = await df.getClient(context).purgeInstanceHistory(instanceId);
    return instancesDeleted === 0 ? notFound(instanceId) : { jsonBody: { instancesDeleted } };
  },
});
