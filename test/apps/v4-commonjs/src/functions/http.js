const { app, HttpResponse } = require('@azure/functions');
const df = require('durable-functions');

app.http('Greet', {
  route: 'greet/{name}',
  handler: async (request, context) => ({
    status: 201,
    jsonBody: {
      name: request.params.name,
      query: request.query.get('x'),
      header: request.headers.get('x-test'),
      body: request.method === 'POST' ? await request.text() : null,
      invocationId: context.invocationId,
      trace: context.traceContext?.traceParent,
    },
    cookies: [{ name: 'a', value: 'b', sameSite: 'Lax' }],
  }),
});
app.get('Classy', async () => {
  return new HttpResponse({ status: 202, body: 'text', headers: { 'x-a': '1' } });
});
app.get('Streams', () => ({
  body: new ReadableStream({
    start(controller) {
      controller.enqueue(new TextEncoder().encode('a,'));
      controller.enqueue(new TextEncoder().encode('b'));
      controller.close();
    },
  }),
}));
app.get('Nothing', () => undefined);
app.get('Wrong', () => 'a string');
app.get('Crashes', async () => {
  throw new Error('http boom');
});
app.http('Starter', {
  extraInputs: [df.input.durableClient()],
  handler: async (_request, context) => {
    const client = df.getClient(context);
    const payload = client.createHttpManagementPayload('abc');
    return { jsonBody: { hub: client.taskHubName, url: payload.statusQueryGetUri } };
  },
});
app.timer('Tick', {
  schedule: '%SCHEDULE%',
  handler: (timer, context) => {
    context.log(`past due ${timer.isPastDue}`);
  },
});
app.serviceBusQueue('Bus', { queueName: 'q', connection: 'C', handler: () => undefined });
app.http('DisabledOne', { handler: () => ({ status: 200 }) });
