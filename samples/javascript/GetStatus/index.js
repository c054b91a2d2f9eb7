// The status of one instance; `?history=true` adds what happened so far. 404 when there is no such instance.
//
//   curl http://localhost:7071/api/instances/holiday
//   curl 'http://localhost:7071/api/instances/holiday?history=true'
const df = require('durable-functions');

module.exports = async function (context, req) {
  const client = df.getClient(context);
  const withHistory = req.query.history === 'true';
  const status = await client.getStatus(req.params.instanceId, withHistory, withHistory, true);
  if (!status?.instanceId) {
    return { status: 404, body: { error: `There is no instance '${req.params.instanceId}'.` } };
  }
  return { body: status, headers: { 'Content-Type': 'application/json' } };
};
