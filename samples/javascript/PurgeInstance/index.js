// Deletes one finished instance with its history.
//
//   curl -X DELETE http://localhost:7071/api/instances/holiday
//   {"instancesDeleted":1}
const df = require('durable-functions');

module.exports = async function (context, req) {
  const client = df.getClient(context);
  const { instancesDeleted } = await client.purgeInstanceHistory(req.params.instanceId);
  if (instancesDeleted === 0) {
    return { status: 404, body: { error: `There is no instance '${req.params.instanceId}'.` } };
  }
  return { body: { instancesDeleted }, headers: { 'Content-Type': 'application/json' } };
};
