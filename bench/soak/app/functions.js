// The app under the soak: each orchestration gives an output that follows from its input (../work.js), however often it is killed.
const df = require('durable-functions');

const retry = new df.RetryOptions(10, 40);
retry.maxRetryIntervalInMilliseconds = 50;

df.app.activity('Square', { handler: (n) => n * n });

df.app.activity('Flaky', {
  handler: (text) => {
    if (Math.random() < 0.5) throw new Error('not this time');
    return text;
  },
});

df.app.entity('Counter', (context) => {
  const total = context.df.getState(() => 0);
  if (context.df.operationName === 'add') context.df.setState(total + context.df.getInput());
  context.df.return(context.df.getState(() => 0));
});

df.app.orchestration('Chain', function* (context) {
  let sum = 0;
  for (let n = 1; n <= context.df.getInput().steps; n++) {
    sum += yield context.df.callActivity('Square', n);
  }
  return sum;
});

df.app.orchestration('FanOut', function* (context) {
  const tasks = [];
  for (let n = 1; n <= context.df.getInput().width; n++) {
    tasks.push(context.df.callActivity('Square', n));
  }
  const squares = yield context.df.Task.all(tasks);
  return squares.reduce((sum, square) => sum + square, 0);
});

df.app.orchestration('Children', function* (context) {
  const tasks = context.df
    .getInput()
    .steps.map((steps) => context.df.callSubOrchestrator('Chain', { steps }));
  return yield context.df.Task.all(tasks);
});

df.app.orchestration('Calls', function* (context) {
  const { key, amounts } = context.df.getInput();
  const counter = new df.EntityId('Counter', key);
  let total = 0;
  for (const amount of amounts) total = yield context.df.callEntity(counter, 'add', amount);
  return total;
});

// What one instance sends to an entity arrives in its order: the call comes after the signals.
df.app.orchestration('Signals', function* (context) {
  const { key, amounts } = context.df.getInput();
  const counter = new df.EntityId('Counter', key);
  for (const amount of amounts) context.df.signalEntity(counter, 'add', amount);
  return yield context.df.callEntity(counter, 'read');
});

// Under the locks, nobody sees what one of the two counters has lost and the other has not got yet.
df.app.orchestration('Locks', function* (context) {
  const { pair, amount } = context.df.getInput();
  const from = new df.EntityId('Counter', `${pair}-from`);
  const to = new df.EntityId('Counter', `${pair}-to`);
  const lock = yield context.df.lock(from, to);
  yield context.df.callEntity(from, 'add', -amount);
  yield context.df.callEntity(to, 'add', amount);
  const sum =
    (yield context.df.callEntity(from, 'read')) + (yield context.df.callEntity(to, 'read'));
  lock.release();
  return sum;
});

df.app.orchestration('Timers', function* (context) {
  let late = 0;
  for (const pauseMs of context.df.getInput().pausesMs) {
    const due = new Date(context.df.currentUtcDateTime.getTime() + pauseMs);
    yield context.df.createTimer(due);
    if (context.df.currentUtcDateTime >= due) late++;
  }
  return late;
});

df.app.orchestration('Events', function* (context) {
  const tasks = context.df.getInput().names.map((name) => context.df.waitForExternalEvent(name));
  return yield context.df.Task.all(tasks);
});

// The timer that loses is cancelled.
df.app.orchestration('Race', function* (context) {
  const timer = context.df.createTimer(
    new Date(context.df.currentUtcDateTime.getTime() + context.df.getInput().limitMs),
  );
  const work = context.df.callActivity('Square', 7);
  const winner = yield context.df.Task.any([work, timer]);
  if (winner === timer) return 'in time';
  timer.cancel();
  return 'in time';
});

df.app.orchestration('Generations', function* (context) {
  const { left, sum } = context.df.getInput();
  if (left === 0) return sum;
  const square = yield context.df.callActivity('Square', left);
  context.df.continueAsNew({ left: left - 1, sum: sum + square });
});

df.app.orchestration('Retries', function* (context) {
  return yield context.df.callActivityWithRetry('Flaky', retry, context.df.getInput().text);
});

df.app.orchestration('Large', function* (context) {
  const text = 'long '.repeat(context.df.getInput().words);
  const answer = yield context.df.callActivity('Echo', text);
  return answer.length;
});

df.app.activity('Echo', { handler: (text) => text });

df.app.orchestration('Fails', function* (context) {
  yield context.df.callActivity('Square', 1);
  throw new Error(`as it should: ${context.df.getInput().reason}`);
});

df.app.orchestration('Endless', function* (context) {
  yield context.df.waitForExternalEvent('never');
});
