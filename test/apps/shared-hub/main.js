// What the reference app has, and orchestrations that stop half-way: each waits for the events `first` and `second`.
const { existsSync } = require('node:fs');
const df = require('durable-functions');
require('./app.js');

const counter = (key) => new df.EntityId('Counter', key);

function* wait(context, name) {
  context.df.setCustomStatus(name);
  return yield context.df.waitForExternalEvent(name);
}

/** Ends with [11, 1111]. */
df.app.orchestration('Calls', function* (context) {
  const own = counter(context.df.instanceId);
  context.df.signalEntity(own, 'add', 10);
  yield context.df.callEntity(own, 'add', 1);
  yield* wait(context, 'first');
  const sum = yield context.df.callEntity(own, 'get');
  yield context.df.Task.all([
    context.df.callEntity(own, 'add', 100),
    context.df.callEntity(own, 'add', 1000),
  ]);
  yield* wait(context, 'second');
  return [sum, yield context.df.callEntity(own, 'get')];
});

/** Holds two entities from before `first` until after `until`; ends with what they count then. */
df.app.orchestration('Locks', function* (context) {
  const { keys, until } = context.df.getInput();
  const [one, other] = keys.map(counter);
  const lock = yield context.df.lock(one, other);
  yield context.df.callEntity(one, 'add', 1);
  yield* wait(context, 'first');
  yield context.df.callEntity(other, 'add', 1);
  if (until === 'second') yield* wait(context, 'second');
  const counts = [
    yield context.df.callEntity(one, 'get'),
    yield context.df.callEntity(other, 'get'),
  ];
  lock.release();
  return counts;
});

/** More activities than run at a time in either engine, so that some wait in the queue whenever one of them is stopped. */
df.app.orchestration('Backlog', function* (context) {
  context.df.setCustomStatus('asked');
  const tasks = Array.from({ length: 12 }, (_, n) =>
    context.df.callActivity('TakesHalfASecond', n),
  );
  return yield context.df.Task.all(tasks);
});
df.app.activity('TakesHalfASecond', {
  handler: async (input) => {
    await new Promise((resolve) => setTimeout(resolve, 500));
    return input;
  },
});

/** Gets the same lock after the one who holds it. */
df.app.orchestration('LocksToo', function* (context) {
  const [one, other] = context.df.getInput().map(counter);
  const lock = yield context.df.lock(one, other);
  yield context.df.callEntity(other, 'add', 10);
  lock.release();
  return yield context.df.callEntity(other, 'get');
});

/** Calls what another one holds. */
df.app.orchestration('CallsLocked', function* (context) {
  yield context.df.callEntity(counter(context.df.getInput()), 'add', 100);
  return 'answered';
});

/** One generation for each event `next`; each counts. */
df.app.orchestration('Generations', function* (context) {
  const left = context.df.getInput();
  const own = counter(context.df.instanceId);
  yield context.df.callEntity(own, 'add', 1);
  if (left === 0) return yield context.df.callEntity(own, 'get');
  context.df.setCustomStatus(left);
  yield context.df.waitForExternalEvent('next');
  context.df.continueAsNew(left - 1);
});

df.app.orchestration('Parent', function* (context) {
  const id = context.df.instanceId;
  return yield context.df.callSubOrchestrator('Calls', null, `child-of-${id}`);
});

df.app.orchestration('Long', function* (context) {
  const input = context.df.getInput();
  const event = yield* wait(context, 'first');
  const echo = yield context.df.callActivity('Echo', event);
  yield* wait(context, 'second');
  return [input.length, event.length, echo];
});
df.app.activity('Echo', { handler: (text) => text });

/** Fails, with its child, until there is the file. */
df.app.orchestration('Mended', function* (context) {
  return yield context.df.callSubOrchestrator('NeedsFile', context.df.getInput());
});
df.app.orchestration('NeedsFile', function* (context) {
  return yield context.df.callActivity('HasFile', context.df.getInput());
});
df.app.activity('HasFile', {
  handler: (file) => {
    if (!existsSync(file)) throw new Error('not yet');
    return 'mended';
  },
});
