// Starts an orchestrator and waits for its output (200). Not finished within `timeout` seconds (30): answers 202 with the
// management URLs, as HttpStart does. `retryInterval` is the pause between two looks, in seconds (1).
//
//   curl -X POST 'http://localhost:7071/api/orchestrators/E1_HelloSequence/wait?timeout=10&retryInterval=0.5'
import { app } from '@azure/functions';
import * as df from 'durable-functions';
import { failure, readBody } from './http/json';

app.http('HttpSyncStart', {
  methods: ['POST'],
  route: 'orchestrators/{functionName}/wait',
  authLevel: 'anonymous',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const timeoutMs = milliseconds(request.query.get('timeout'), 30);
    const retryIntervalMs = milliseconds(request.query.get('retryInterval'), 1);
    if (!(timeoutMs > 0 && retryIntervalMs > 0 && retryIntervalMs <= timeoutMs)) {
      return failure(
        400,
        `'timeout' and 'retryInterval' are positive numbers of seconds, and 'retryInterval' is not longer than 'timeout'.`,
      );
    }

    const client = df.getClient(context);
    const instanceId = await client.startNew(request.params['functionName'] ?? '', {
      input: (await readBody(request)) ?? null,
    });
    return client.waitForCompletionOrCreateCheckStatusResponse(request, instanceId, {
      timeoutInMilliseconds: timeoutMs,
      retryIntervalInMilliseconds: retryIntervalMs,
    });
  },
});

function milliseconds(seconds: string | null, defaultSeconds: number): number {
  return (seconds === null ? defaultSeconds : Number(seconds)) * 1000;
}
