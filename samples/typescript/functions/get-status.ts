// The status of one instance; `?history=true` adds what happened so far. 404 when there is no such instance.
//
//   curl http://localhost:7071/api/instances/holiday
//   curl 'http://localhost:7071/api/instances/holiday?history=true'
import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { findInstance } from './http/find-instance';
import { notFound } from './http/json';

app.http('GetStatus', {
  methods: ['GET'],
  route: 'instances/{instanceId}',
  authLevel: 'anonymous',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const instanceId = request.params['instanceId'] ?? '';
    const status = await findInstance(client, instanceId);
    if (status === undefined) return notFound(instanceId);
    const withHistory = request.query.get('history') === 'true';
    return { jsonBody: withHistory ? await statusWithHistory(client, instanceId) : status };
  },
});

/** `client.getStatus` of SDK 3.x loses the history on its way, so the management API is asked directly. */
async function statusWithHistory(client: df.DurableClient, instanceId: string): Promise<unknown> {
  const url = new URL(client.createHttpManagementPayload(instanceId).statusQueryGetUri);
  url.searchParams.set('showHistory', 'true');
  url.searchParams.set('showHistoryOutput', 'true');
  return (await fetch(url)).json();
}
