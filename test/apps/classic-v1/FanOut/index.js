const df = require('durable-functions-v1');

module.exports = df.orchestrator(function* (context) {
  const tasks = [1, 2, 3].map((n) => context.df.callActivity('Echo', n));
  return yield context.df.Task.all(tasks);
});
