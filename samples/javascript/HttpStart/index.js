// Starts any orchestrator by name and answers at once (202) with the URLs that manage the new instance. The JSON body is the
// input. `?instanceId=` chooses the id; without it the id is random.
//
//   curl -i -X POST http://localhost:7071/api/orchestrators/E1_HelloSequence
const df = require('durable-functions');

module.exports = async function (context, req) {
  const client = df.getClient(context);
  const instanceId = await client.startNew(
    req.params.functionName,
    req.query.instanceId,
    req.body ?? null,
  );
  context.log(`Started '${req.params.functionName}' as instance '${instanceId}'.`);
  return client.createCheckStatusResponse(req, instanceId);
};
