const df = require('durable-functions');

df.app.orchestration('Chain', function* (context) {
  const first = yield context.df.callActivity('Echo', context.df.getInput());
  const second = yield context.df.callActivity('Echo', { from: first });
  return [first, second];
});
df.app.orchestration('FanOut', function* (context) {
  const tasks = [1, 2, 3].map((n) => context.df.callActivity('Echo', n));
  return yield context.df.Task.all(tasks);
});
df.app.orchestration('AnyLoop', function* (context) {
  const open = [1, 2, 3].map((n) => context.df.callActivity('Echo', n));
  const results = [];
  while (open.length > 0) {
    const winner = yield context.df.Task.any(open);
    open.splice(open.indexOf(winner), 1);
    results.push(winner.result);
  }
  return results;
});
df.app.orchestration('Waits', function* (context) {
  context.df.setCustomStatus({ waiting: true });
  const timer = context.df.createTimer(new Date(Date.UTC(2026, 0, 1)));
  const event = context.df.waitForExternalEvent('go');
  const winner = yield context.df.Task.any([timer, event]);
  if (winner === event) timer.cancel();
  return winner === event ? event.result : 'timeout';
});
df.app.orchestration('AllActions', function* (context) {
  const entity = new df.EntityId('Counter', 'k');
  const retry = new df.RetryOptions(5000, 3);
  retry.backoffCoefficient = 2;
  context.df.signalEntity(entity, 'add', 1);
  const lock = context.df.lock(entity);
  yield context.df.Task.all([
    context.df.callActivityWithRetry('Echo', retry, 'x'),
    context.df.waitForExternalEvent('never'),
    context.df.callHttp({ method: 'GET', url: 'https://example.com/', headers: { a: 'b' } }),
    lock,
  ]);
});
df.app.orchestration('SubCalls', function* (context) {
  const retry = new df.RetryOptions(1000, 2);
  yield context.df.Task.all([
    context.df.callSubOrchestrator('Child', { a: 1 }, 'child-1', 'v2'),
    context.df.callSubOrchestratorWithRetry('Child', retry),
    context.df.callEntity(new df.EntityId('Counter', 'k'), 'get'),
  ]);
});
df.app.orchestration('Eternal', function* (context) {
  yield context.df.callActivity('Echo', 1);
  context.df.continueAsNew({ n: 2 });
});
df.app.orchestration('Throws', function* (context) {
  const kind = context.df.getInput();
  context.df.setCustomStatus('about to throw');
  yield context.df.callActivity('Echo', 1);
  if (kind === 'error') throw new Error('multi\nline');
  if (kind === 'empty') throw new Error('');
  if (kind === 'text') throw 'just text';
  if (kind === 'object') throw { code: 7 };
  if (kind === 'null') throw null;
  throw undefined;
});
df.app.orchestration('Unserialisable', function* (context) {
  const kind = context.df.getInput();
  if (kind === 'bigint') return 10n;
  if (kind === 'status') {
    context.df.setCustomStatus({ big: 1n });
    return 1;
  }
  const cycle = {};
  cycle.self = cycle;
  if (kind === 'input') yield context.df.callActivity('Echo', cycle);
  return cycle;
});
df.app.orchestration('Mutates', function* (context) {
  const input = context.df.getInput();
  input.changed = true;
  context.log('user line', { n: 1 });
  console.log('console line %d', 2);
  console.error('console error');
  return yield context.df.callActivity('Echo', input);
});
require('@azure/functions').app.generic('NotWrapped', {
  trigger: df.trigger.orchestration(),
  handler: () => 42,
});
