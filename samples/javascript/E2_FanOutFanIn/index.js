// Fan-out/fan-in: one activity per text, all at once; the answers are summed up when the last one is there.
//
//   curl -X POST http://localhost:7071/api/orchestrators/E2_FanOutFanIn/wait \
//     -H 'Content-Type: application/json' -d '["one two", "three four five", "six"]'
//   {"texts":3,"words":6}
const df = require('durable-functions');

const DEFAULT_TEXTS = ['one two', 'three four five', 'six'];

module.exports = df.orchestrator(function* (context) {
  const texts = context.df.getInput() ?? DEFAULT_TEXTS;
  if (!Array.isArray(texts)) throw new Error('The input must be a list of texts.');

  const tasks = texts.map((text) => context.df.callActivity('E2_CountWords', text));
  const counts = yield context.df.Task.all(tasks);

  return { texts: counts.length, words: counts.reduce((sum, count) => sum + count, 0) };
});
