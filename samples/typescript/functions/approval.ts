// Human interaction: waits for the event `Approval`, but no longer than a timer allows. Whoever loses is given up: the timer is
// cancelled, because an orchestration is not finished while one of its timers runs.
//
//   curl -X POST 'http://localhost:7071/api/orchestrators/E3_Approval?instanceId=holiday' \
//     -H 'Content-Type: application/json' -d '{"title":"Two weeks in July","timeoutSeconds":600}'
//   curl -X POST http://localhost:7071/api/instances/holiday/events/Approval \
//     -H 'Content-Type: application/json' -d 'true'
//   curl http://localhost:7071/api/instances/holiday
import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';

interface Request {
  readonly title?: string;
  readonly timeoutSeconds?: number;
}

interface Decision {
  readonly title: string;
  readonly decision: 'approved' | 'rejected' | 'timed out';
}

const DEFAULT_TIMEOUT_SECONDS = 24 * 60 * 60;

df.app.orchestration('E3_Approval', function* (context) {
  const { title = 'Untitled request', timeoutSeconds = DEFAULT_TIMEOUT_SECONDS } =
    context.df.getInput<Request | null>() ?? {};
  context.df.setCustomStatus('waiting for approval');

  const deadline = new Date(context.df.currentUtcDateTime.getTime() + timeoutSeconds * 1000);
  const timeout = context.df.createTimer(deadline);
  const approval = context.df.waitForExternalEvent('Approval');
  const winner = (yield context.df.Task.any([approval, timeout])) as df.Task;

  let decision: Decision['decision'] = 'timed out';
  if (winner === approval) {
    timeout.cancel();
    decision = approval.result === true ? 'approved' : 'rejected';
  }
  context.df.setCustomStatus(decision);
  return (yield context.df.callActivity('E3_Notify', { title, decision })) as string;
});

// Tells the result. A real app would send a message here.
df.app.activity('E3_Notify', {
  handler: ({ title, decision }: Decision, context: InvocationContext) => {
    const message = `${title}: ${decision}`;
    context.log(message);
    return message;
  },
});
