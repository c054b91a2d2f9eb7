const df = require('durable-functions-v2');

module.exports = df.orchestrator(function* (context) {
  const kind = context.df.getInput();
  yield context.df.callActivity('Echo', 1);
  if (kind === 'error') throw new Error('multi\nline');
  if (kind === 'empty') throw new Error('');
  if (kind === 'text') throw 'just text';
  if (kind === 'object') throw { code: 7 };
  if (kind === 'null') throw null;
  throw undefined;
});
