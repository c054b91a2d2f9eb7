// Starts any orchestrator by name and answers at once (202) with the URLs that manage the new instance. The JSON body is the
// input. `?instanceId=` chooses the id; without it the id is random.
//
//   curl -i -X POST http://localhost:7071/api/orchestrators/E1_HelloSequence
import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { readBody } from './http/json';

app.http('HttpStart', {
  methods: ['POST'],
  route: 'orchestrators/{functionName}',
  authLevel: 'anonymous',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const functionName = request.params['functionName'] ?? '';
    const chosenId = request.query.get('instanceId');
    const instanceId = await client.startNew(functionName, {
      input: (await readBody(request)) ?? null,
      ...(chosenId !== null && { instanceId: chosenId }),
    });
    context.log(`Started '${functionName}' as instance '${instanceId}'.`);
    return client.createCheckStatusResponse(request, instanceId);
  },
});
