// Human interaction: waits for the event `Approval`, but no longer than a timer allows. Whoever loses is given up: the timer is
// cancelled, because an orchestration is not finished while one of its timers runs.
//
//   curl -X POST 'http://localhost:7071/api/orchestrators/E3_Approval?instanceId=holiday' \
//     -H 'Content-Type: application/json' -d '{"title":"Two weeks in July","timeoutSeconds":600}'
//   curl -X POST http://localhost:7071/api/instances/holiday/events/Approval \
//     -H 'Content-Type: application/json' -d 'true'
//   curl http://localhost:7071/api/instances/holiday
const df = require('durable-functions');

const DEFAULT_TIMEOUT_SECONDS = 24 * 60 * 60;

module.exports = df.orchestrator(function* (context) {
  const { title = 'Untitled request', timeoutSeconds = DEFAULT_TIMEOUT_SECONDS } =
    context.df.getInput() ?? {};
  context.df.setCustomStatus('waiting for approval');

  const deadline = new Date(context.df.currentUtcDateTime.getTime() + timeoutSeconds * 1000);
  const timeout = context.df.createTimer(deadline);
  const approval = context.df.waitForExternalEvent('Approval');
  const winner = yield context.df.Task.any([approval, timeout]);

  let decision = 'timed out';
  if (winner === approval) {
    timeout.cancel();
    decision = approval.result === true ? 'approved' : 'rejected';
  }
  context.df.setCustomStatus(decision);
  return yield context.df.callActivity('E3_Notify', { title, decision });
});
