// Starts an orchestrator and waits for its output (200). Not finished within `timeout` seconds (30): answers 202 with the
// management URLs, as HttpStart does. `retryInterval` is the pause between two looks, in seconds (1).
//
//   curl -X POST 'http://localhost:7071/api/orchestrators/E1_HelloSequence/wait?timeout=10&retryInterval=0.5'
const df = require('durable-functions');

module.exports = async function (context, req) {
  const timeoutMs = milliseconds(req.query.timeout, 30);
  const retryIntervalMs = milliseconds(req.query.retryInterval, 1);
  if (!(timeoutMs > 0 && retryIntervalMs > 0 && retryIntervalMs <= timeoutMs)) {
    return {
      status: 400,
      body: {
        error: `'timeout' and 'retryInterval' are positive numbers of seconds, and 'retryInterval' is not longer than 'timeout'.`,
      },
    };
  }

  const client = df.getClient(context);
  const instanceId = await client.startNew(req.params.functionName, undefined, req.body ?? null);
  return client.waitForCompletionOrCreateCheckStatusResponse(
    req,
    instanceId,
    timeoutMs,
    retryIntervalMs,
  );
};

function milliseconds(seconds, defaultSeconds) {
  return (seconds === undefined ? defaultSeconds : Number(seconds)) * 1000;
}
