// Orchestrations that fail while something is open, written once for all SDK generations. What ran is counted where tests can see it.
const runs = (globalThis[Symbol.for('open at rewind')] ??= {
  counts: new Map(),
  broken: new Set(),
});

function count(key) {
  const times = (runs.counts.get(key) ?? 0) + 1;
  runs.counts.set(key, times);
  return times;
}

const sleep = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

module.exports = (df) => {
  const entity = (key) => new df.EntityId('Register', key);

  /** What is open when the instance fails; each gives the text of its name. */
  const OPEN = {
    activity: (context, { key }) => context.df.callActivity('Slow', `${key}:open`),
    retried: (context, { key }) =>
      context.df.callActivityWithRetry('Retried', new df.RetryOptions(20, 3), `${key}:open`),
    child: (context, { key }) => context.df.callSubOrchestrator('SlowChild', `${key}:open`),
    failingChild: (context, { key }) =>
      context.df.callSubOrchestrator('FailingChild', `${key}:open`),
    entity: (context, { key }) => context.df.callEntity(entity(key), 'wait'),
    lock: (context, { key }) => context.df.lock(entity(key)),
    timer: (context) =>
      context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 30)),
    event: (context) => context.df.waitForExternalEvent('Go'),
    http: (context, { url }) =>
      context.df.callHttp.length > 1
        ? context.df.callHttp('GET', url)
        : context.df.callHttp({ method: 'GET', url }),
  };

  const orchestrators = {
    /** The failure is one of several that are waited for. */
    *Together(context) {
      const input = context.df.getInput();
      const tasks = [context.df.callActivity('Flaky', input.key), OPEN[input.open](context, input)];
      const [first] = yield context.df.Task.all(tasks);
      return first;
    },
    *TogetherWithChild(context) {
      const input = context.df.getInput();
      const tasks = [
        context.df.callSubOrchestrator('One', input.key),
        OPEN[input.open](context, input),
      ];
      const [first] = yield context.df.Task.all(tasks);
      return first;
    },
    /** It comes while something else is on its way. */
    *Later(context) {
      const input = context.df.getInput();
      const open = OPEN[input.open](context, input);
      yield context.df.Task.any([open, context.df.callActivity('Quick', input.key)]);
      const result = yield context.df.callActivity('Flaky', input.key);
      yield open;
      return result;
    },
    *Throws(context) {
      const input = context.df.getInput();
      const open = OPEN[input.open](context, input);
      yield context.df.Task.any([open, context.df.callActivity('Quick', input.key)]);
      if (runs.broken.has(input.key)) throw new Error('not yet mended');
      yield open;
      return 'ok';
    },
    *CallsMissing(context) {
      const input = context.df.getInput();
      const open = OPEN[input.open](context, input);
      yield context.df.Task.any([open, context.df.callActivity('Quick', input.key)]);
      const result = yield context.df.callActivity('Missing', input.key);
      yield open;
      return result;
    },
    /** Its lock is given up when it fails. */
    *InSection(context) {
      const { key } = context.df.getInput();
      const lock = yield context.df.lock(entity(key));
      try {
        yield context.df.callActivity('Flaky', key);
        return yield context.df.callEntity(entity(key), 'get');
      } finally {
        lock.release();
      }
    },
    *One(context) {
      return yield context.df.callActivity('Flaky', context.df.getInput());
    },
    *SlowChild(context) {
      return yield context.df.callActivity('Slow', context.df.getInput());
    },
    *FailingChild(context) {
      const key = context.df.getInput();
      const tasks = [
        context.df.callActivity('Flaky', key),
        context.df.callEntity(entity(key), 'wait'),
      ];
      return yield context.df.Task.all(tasks);
    },
    *Parent(context) {
      const { child, input } = context.df.getInput();
      return yield context.df.callSubOrchestrator(child, input);
    },
  };

  const activities = {
    async Flaky(key) {
      if (count(key) === 1) throw new Error(`boom ${key}`);
      return 'ok';
    },
    async Retried(key) {
      if (count(key) === 1) throw new Error(`boom ${key}`);
      return 'ok';
    },
    async Slow(key) {
      count(key);
      await sleep(20);
      return 'ok';
    },
    Quick: () => 'ok',
    Missing: () => 'ok',
  };

  const entities = {
    async Register(context) {
      if (context.df.operationName === 'wait') {
        count(`entity ${context.df.entityKey}`);
        await sleep(20);
      }
      context.df.return('ok');
    },
  };

  return { orchestrators, activities, entities };
};
