const df = require('durable-functions-v1');

module.exports = df.orchestrator(function* (context) {
  const first = yield context.df.callActivity('Echo', context.df.getInput());
  const second = yield context.df.callActivity('Echo', { from: first });
  return [first, second];
});
