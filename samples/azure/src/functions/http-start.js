// curl -X POST https://<app>.azurewebsites.net/api/orchestrators/HelloSequence
const { app } = require('@azure/functions');
const df = require('durable-functions');

app.http('HttpStart', {
  route: 'orchestrators/{name}',
  methods: ['POST'],
  authLevel: 'function',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const input = await request.text();
    const instanceId = await client.startNew(request.params.name, {
      input: input === '' ? undefined : JSON.parse(input),
    });
    context.log(`Started '${request.params.name}' as ${instanceId}`);
    return client.createCheckStatusResponse(request, instanceId);
  },
});
