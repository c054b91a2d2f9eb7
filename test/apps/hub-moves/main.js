// One orchestration of each kind, whose outcome does not depend on who runs it. Each run of an activity is written down in the folder
// JOURNAL, in the file of the worker (WORKER): its key, when it has begun.
const { appendFileSync, writeFileSync } = require('node:fs');
const path = require('node:path');
const { setTimeout: pause } = require('node:timers/promises');
const df = require('durable-functions');

const folder = process.env.JOURNAL;
const journal = path.join(folder, process.env.WORKER);
/** Longer than a commit window: the answer comes as a message. */
const LONG_MS = 150;

const work = (context, step, ms = 0) =>
  context.df.callActivity('work', { key: `${context.df.instanceId} ${step}`, step, ms });

df.app.activity('work', {
  handler: async ({ key, step, ms }) => {
    appendFileSync(journal, `${key}\n`);
    if (ms > 0) await pause(ms);
    return step;
  },
});

df.app.activity('fails-once', {
  handler: ({ key }) => {
    appendFileSync(journal, `${key}\n`);
    try {
      writeFileSync(path.join(folder, `${key} failed`), '', { flag: 'wx' });
    } catch {
      return 'mended';
    }
    throw new Error('not yet');
  },
});

df.app.orchestration('chain', function* (context) {
  const done = [];
  for (let step = 0; step < 6; step++) {
    done.push(yield work(context, step, step % 2 === 0 ? LONG_MS : 0));
  }
  return done;
});

df.app.orchestration('fan-out', function* (context) {
  const steps = Array.from({ length: 8 }, (_, step) => work(context, step, LONG_MS));
  return yield context.df.Task.all(steps);
});

df.app.orchestration('parent', function* (context) {
  const children = ['a', 'b'].map((name) =>
    context.df.callSubOrchestrator('chain', null, `${context.df.instanceId}-${name}`),
  );
  return yield context.df.Task.all(children);
});

df.app.orchestration('letters', function* (context) {
  const received = [];
  // Where workers die, one may come twice.
  while (new Set(received).size < context.df.getInput()) {
    const letter = yield context.df.waitForExternalEvent('letter');
    received.push(letter);
    yield work(context, letter, LONG_MS);
  }
  return received;
});

df.app.orchestration('generations', function* (context) {
  const { left, done } = context.df.getInput();
  done.push(yield work(context, left, LONG_MS));
  if (left === 1) return done;
  context.df.continueAsNew({ left: left - 1, done });
});

df.app.orchestration('timers', function* (context) {
  for (let n = 0; n < 3; n++) {
    const due = new Date(context.df.currentUtcDateTime.getTime() + 500);
    yield context.df.createTimer(due);
    yield work(context, n);
  }
  return 'fired';
});

df.app.orchestration('retries', function* (context) {
  const options = new df.RetryOptions(200, 3);
  const input = { key: `${context.df.instanceId} retry` };
  return yield context.df.callActivityWithRetry('fails-once', options, input);
});

df.app.entity('counter', (context) => {
  const count = context.df.getState(() => 0);
  if (context.df.operationName === 'get') context.df.return(count);
  else if (context.df.operationName === 'set') context.df.setState(context.df.getInput());
  else context.df.setState(count + context.df.getInput());
});

df.app.orchestration('counts', function* (context) {
  const own = new df.EntityId('counter', context.df.instanceId);
  for (let n = 0; n < 3; n++) context.df.signalEntity(own, 'add', 1);
  yield context.df.callEntity(own, 'add', 10);
  yield work(context, 0, LONG_MS);
  yield context.df.callEntity(own, 'add', 100);
  return yield context.df.callEntity(own, 'get');
});

// Reads and writes in two steps, so that a count gets lost when two hold the lock. The input is the key of the entity.
df.app.orchestration('locks', function* (context) {
  const shared = new df.EntityId('counter', context.df.getInput());
  const lock = yield context.df.lock(shared);
  const count = yield context.df.callEntity(shared, 'get');
  yield context.df.callEntity(shared, 'set', count + 1);
  lock.release();
  return 'counted';
});

df.app.orchestration('read', function* (context) {
  return yield context.df.callEntity(new df.EntityId('counter', context.df.getInput()), 'get');
});
