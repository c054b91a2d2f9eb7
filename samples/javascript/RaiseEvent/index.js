// Sends an event to an instance; the JSON body is the event's data. An instance that does not wait for it yet keeps it.
//
//   curl -i -X POST http://localhost:7071/api/instances/holiday/events/Approval \
//     -H 'Content-Type: application/json' -d 'true'
const df = require('durable-functions');

module.exports = async function (context, req) {
  const { instanceId, eventName } = req.params;
  const client = df.getClient(context);
  const status = await client.getStatus(instanceId);
  if (!status?.instanceId) {
    return { status: 404, body: { error: `There is no instance '${instanceId}'.` } };
  }
  await client.raiseEvent(instanceId, eventName, req.body ?? null);
  return { status: 202 };
};
