// The probe app in the v4 programming model, for durable-functions 3.x.
const { app } = require('@azure/functions');
const df = require('durable-functions');
const { activities } = require('../probe/activities.cjs');
const { entities } = require('../probe/entities.cjs');
const { onlyNewest, orchestrators } = require('../probe/orchestrators.cjs');

const callHttp = (context, request) => context.df.callHttp(request);

for (const [name, run] of Object.entries({ ...orchestrators(df, callHttp), ...onlyNewest(df) })) {
  df.app.orchestration(name, run);
}
for (const [name, run] of Object.entries(activities)) {
  df.app.activity(name, { handler: (input) => run(input) });
}
for (const [name, run] of Object.entries(entities(df))) df.app.entity(name, run);

/** An orchestrator that never answers; those of the SDK cannot. */
app.generic('P_Stuck', {
  trigger: { type: 'orchestrationTrigger', name: 'context' },
  handler: () => new Promise(() => undefined),
});

const CLIENT_CALLS = {
  startNew: (client, { fn, id, input }) =>
    client.startNew(fn, { ...(id !== undefined && { instanceId: id }), input }),
  getStatus: (client, { id, showHistory, showHistoryOutput, showInput }) =>
    client.getStatus(id, { showHistory, showHistoryOutput, showInput }),
  getStatusAll: (client) => client.getStatusAll(),
  getStatusBy: (client, filter) => client.getStatusBy(readFilter(filter)),
  purge: (client, { id }) => client.purgeInstanceHistory(id),
  purgeBy: (client, filter) => client.purgeInstanceHistoryBy(readFilter(filter)),
  raiseEvent: (client, { id, name, data }) => client.raiseEvent(id, name, data),
  terminate: (client, { id, reason }) => client.terminate(id, reason),
  suspend: (client, { id, reason }) => client.suspend(id, reason),
  resume: (client, { id, reason }) => client.resume(id, reason),
  rewind: (client, { id, reason }) => client.rewind(id, reason),
  readEntity: (client, { name, key }) => client.readEntityState(new df.EntityId(name, key)),
  signalEntity: (client, { name, key, op, input }) =>
    client.signalEntity(new df.EntityId(name, key), op, input),
  payload: async (client, { id }) => client.createHttpManagementPayload(id),
};

function readFilter({ from, to, runtimeStatus }) {
  return {
    ...(from !== undefined && { createdTimeFrom: new Date(from) }),
    ...(to !== undefined && { createdTimeTo: new Date(to) }),
    ...(runtimeStatus !== undefined && { runtimeStatus }),
  };
}

const client = {
  extraInputs: [df.input.durableClient()],
  methods: ['POST'],
  authLevel: 'anonymous',
};

app.http('H_Start', {
  ...client,
  route: 'orchestrators/{fn}',
  handler: async (request, context) => {
    const client = df.getClient(context);
    const input = JSON.parse((await request.text()) || 'null');
    const id = await client.startNew(request.params.fn, { input });
    return client.createCheckStatusResponse(request, id);
  },
});

app.http('H_SyncStart', {
  ...client,
  route: 'orchestrators/wait/{fn}',
  handler: async (request, context) => {
    const client = df.getClient(context);
    const input = JSON.parse((await request.text()) || 'null');
    const id = await client.startNew(request.params.fn, { input });
    const seconds = (name) =>
      request.query.has(name) ? Number(request.query.get(name)) * 1000 : undefined;
    return await client.waitForCompletionOrCreateCheckStatusResponse(request, id, {
      timeoutInMilliseconds: seconds('timeout'),
      retryIntervalInMilliseconds: seconds('retryInterval'),
    });
  },
});

app.http('H_Client', {
  ...client,
  route: 'client/{verb}',
  handler: async (request, context) => {
    try {
      const call = CLIENT_CALLS[request.params.verb];
      const ok = await call(df.getClient(context), JSON.parse((await request.text()) || '{}'));
      return { jsonBody: { ok } };
    } catch (error) {
      return { jsonBody: { error: error.message } };
    }
  },
});
