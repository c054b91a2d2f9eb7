// All instances of the task hub, newest first; `?status=Running,Pending` keeps those in one of these statuses.
//
//   curl http://localhost:7071/api/instances
//   curl 'http://localhost:7071/api/instances?status=Failed,Terminated'
const df = require('durable-functions');

module.exports = async function (context, req) {
  const statuses = (req.query.status ?? '').split(',').filter(Boolean);
  const unknown = statuses.filter((status) => !(status in df.OrchestrationRuntimeStatus));
  if (unknown.length > 0) {
    const known = Object.keys(df.OrchestrationRuntimeStatus).join(', ');
    return {
      status: 400,
      body: { error: `Unknown status: ${unknown.join(', ')}. Known: ${known}.` },
    };
  }

  const client = df.getClient(context);
  const instances =
    statuses.length === 0
      ? await client.getStatusAll()
      : await client.getStatusBy(undefined, undefined, statuses);
  instances.sort((a, b) => new Date(b.createdTime) - new Date(a.createdTime));
  return {
    body: instances.map(({ instanceId, name, runtimeStatus, createdTime, customStatus }) => ({
      instanceId,
      name,
      runtimeStatus,
      createdTime,
      customStatus,
    })),
    headers: { 'Content-Type': 'application/json' },
  };
};
