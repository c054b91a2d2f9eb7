const df = require('durable-functions-v2');

module.exports = async function (context, req, starter) {
  const client = df.getClient(context);
  return { body: [client.taskHubName, starter === context.bindings.starter] };
};
