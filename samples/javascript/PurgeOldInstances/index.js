// Every day at noon: deletes what was created more than 30 days ago and is finished. To run it now:
//
//   curl -i -X POST http://localhost:7071/admin/functions/PurgeOldInstances \
//     -H 'Content-Type: application/json' -d '{"input":""}'
const df = require('durable-functions');

const KEEP_MS = 30 * 24 * 60 * 60 * 1000;
const { Completed, Failed, Terminated, Canceled } = df.OrchestrationRuntimeStatus;

module.exports = async function (context) {
  const client = df.getClient(context);
  const { instancesDeleted } = await client.purgeInstanceHistoryBy(
    new Date(0),
    new Date(Date.now() - KEEP_MS),
    [Completed, Failed, Terminated, Canceled],
  );
  context.log(`Purged ${instancesDeleted} instances that are older than 30 days.`);
};
