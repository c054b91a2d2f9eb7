// The probe app in the classic programming model, for durable-functions 2.1: every function.json names an entry point here.
const df = require('durable-functions-v2');
const { activities } = require('../probe/activities.cjs');
const { entities } = require('../probe/entities.cjs');
const { orchestrators } = require('../probe/orchestrators.cjs');

const callHttp = (context, { method, url, body, headers, tokenSource, enablePolling }) =>
  context.df.callHttp(method, url, body, headers, tokenSource, enablePolling);

for (const [name, run] of Object.entries(orchestrators(df, callHttp))) {
  exports[name] = df.orchestrator(run);
}
for (const [name, run] of Object.entries(activities))
  exports[name] = (_context, input) => run(input);
for (const [name, run] of Object.entries(entities(df))) exports[name] = df.entity(run);

/** An orchestrator that never answers; those of the SDK cannot. */
exports.P_Stuck = () => new Promise(() => undefined);

const CLIENT_CALLS = {
  startNew: (client, { fn, id, input }) => client.startNew(fn, id, input),
  getStatus: (client, { id, showHistory, showHistoryOutput, showInput }) =>
    client.getStatus(id, showHistory, showHistoryOutput, showInput),
  getStatusAll: (client) => client.getStatusAll(),
  getStatusBy: (client, { from, to, runtimeStatus }) =>
    client.getStatusBy(readDate(from), readDate(to), runtimeStatus),
  purge: (client, { id }) => client.purgeInstanceHistory(id),
  purgeBy: (client, { from, to, runtimeStatus }) =>
    client.purgeInstanceHistoryBy(readDate(from), readDate(to), runtimeStatus),
  raiseEvent: (client, { id, name, data }) => client.raiseEvent(id, name, data),
  terminate: (client, { id, reason }) => client.terminate(id, reason),
  rewind: (client, { id, reason }) => client.rewind(id, reason),
  readEntity: (client, { name, key }) => client.readEntityState(new df.EntityId(name, key)),
  signalEntity: (client, { name, key, op, input }) =>
    client.signalEntity(new df.EntityId(name, key), op, input),
  payload: async (client, { id }) => client.createHttpManagementPayload(id),
};

function readDate(text) {
  return text === undefined ? undefined : new Date(text);
}

exports.H_Start = async (context, req) => {
  const client = df.getClient(context);
  const id = await client.startNew(req.params.fn, undefined, req.body);
  return client.createCheckStatusResponse(context.bindingData.req, id);
};

exports.H_SyncStart = async (context, req) => {
  const client = df.getClient(context);
  const id = await client.startNew(req.params.fn, undefined, req.body);
  const seconds = (name) =>
    req.query[name] === undefined ? undefined : Number(req.query[name]) * 1000;
  return await client.waitForCompletionOrCreateCheckStatusResponse(
    context.bindingData.req,
    id,
    seconds('timeout'),
    seconds('retryInterval'),
  );
};

exports.H_Client = async (context, req) => {
  const headers = { 'Content-Type': 'application/json' };
  try {
    const call = CLIENT_CALLS[req.params.verb];
    const ok = await call(df.getClient(context), req.body ?? {});
    return { headers, body: JSON.stringify({ ok }) };
  } catch (error) {
    return { headers, body: JSON.stringify({ error: error.message }) };
  }
};
