// Every day at noon: deletes what was created more than 30 days ago and is finished. To run it now:
//
//   curl -i -X POST http://localhost:7071/admin/functions/PurgeOldInstances \
//     -H 'Content-Type: application/json' -d '{"input":""}'
import { app } from '@azure/functions';
import * as df from 'durable-functions';

const KEEP_MS = 30 * 24 * 60 * 60 * 1000;

app.timer('PurgeOldInstances', {
  schedule: '0 0 12 * * *',
  extraInputs: [df.input.durableClient()],
  handler: async (_timer, context) => {
    const { Completed, Failed, Terminated, Canceled } = df.OrchestrationRuntimeStatus;
    const { instancesDeleted } = await df.getClient(context).purgeInstanceHistoryBy({
      createdTimeFrom: new Date(0),
      createdTimeTo: new Date(Date.now() - KEEP_MS),
      runtimeStatus: [Completed, Failed, Terminated, Canceled],
    });
    context.log(`Purged ${instancesDeleted} instances that are older than 30 days.`);
  },
});
