// Stops an instance for good. The instance ends at its next turn, so its status may say `Running` a moment longer.
//
//   curl -i -X POST 'http://localhost:7071/api/instances/holiday/terminate?reason=No%20longer%20needed'
const df = require('durable-functions');

module.exports = async function (context, req) {
  const client = df.getClient(context);
  const status = await client.getStatus(req.params.instanceId);
  if (!status?.instanceId) {
    return { status: 404, body: { error: `There is no instance '${req.params.instanceId}'.` } };
  }
  await client.terminate(req.params.instanceId, req.query.reason ?? 'Terminated by request.');
  return { status: 202 };
};
