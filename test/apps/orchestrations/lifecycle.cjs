// Orchestrations that wait, fail and have children, written once for all SDK generations. What ran is counted where tests can see it.
const shared = (globalThis[Symbol.for('lifecycle app')] ??= {
  runs: new Map(),
  broken: new Set(),
  gates: new Map(),
});

function count(key) {
  const runs = (shared.runs.get(key) ?? 0) + 1;
  shared.runs.set(key, runs);
  return runs;
}

module.exports = (df) => {
  const { EntityId, RetryOptions } = df;
  const inDays = (context, days) =>
    new Date(context.df.currentUtcDateTime.getTime() + days * 24 * 60 * 60 * 1000);

  const orchestrators = {
    *One(context) {
      const { key, times = 0 } = context.df.getInput();
      return `Hello, ${yield context.df.callActivity('Flaky', { key, times })}`;
    },
    *Two(context) {
      const { key, times } = context.df.getInput();
      const first = yield context.df.callActivity('Flaky', { key: `${key}:first`, times });
      const second = yield context.df.callActivity('Flaky', { key: `${key}:second`, times });
      return [first, second];
    },
    *Fan(context) {
      const { key, failing, times } = context.df.getInput();
      const tasks = [0, 1, 2, 3].map((n) =>
        context.df.callActivity('Flaky', {
          key: `${key}:${n}`,
          times: failing.includes(n) ? times : 0,
        }),
      );
      return yield context.df.Task.all(tasks);
    },
    *Throws(context) {
      const { key } = context.df.getInput();
      yield context.df.callActivity('Flaky', { key: `${key}:before` });
      if (shared.broken.has(key)) throw new Error('not yet mended');
      yield context.df.callActivity('Flaky', { key: `${key}:after` });
      return 6;
    },
    *Parent(context) {
      const { child, input, childId } = context.df.getInput();
      return yield context.df.callSubOrchestrator(child, input, childId);
    },
    *Twins(context) {
      const { child, childId } = context.df.getInput();
      const twins = [1, 2].map(() => context.df.callSubOrchestrator(child, null, childId));
      try {
        return yield context.df.Task.all(twins);
      } catch (error) {
        return error.message;
      }
    },
    *Tree(context) {
      const { key, times, id } = context.df.getInput();
      const entity = new EntityId('Register', key);
      yield context.df.callEntity(entity, 'add');
      // SDK 1.x cannot signal from an orchestrator.
      if (context.df.signalEntity) context.df.signalEntity(entity, 'add');
      const children = [0, 1, 2, 3].map((n) =>
        context.df.callSubOrchestrator(
          'Parent',
          {
            child: 'Fan',
            childId: `${id}-${n}-fan`,
            input: { key: `${key}:${n}`, failing: n < 2 ? [1, 2] : [], times },
          },
          `${id}-${n}`,
        ),
      );
      const results = yield context.df.Task.all(children);
      yield context.df.callActivity('Flaky', { key: `${key}:end` });
      return results.flat().length;
    },
    *AfterTimer(context) {
      yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 10));
      return yield context.df.callActivity('Flaky', context.df.getInput());
    },
    *Retries(context) {
      const input = context.df.getInput();
      return yield context.df.callActivityWithRetry('Flaky', new RetryOptions(1, 2), input);
    },
    *RetriesAll(context) {
      const { key, times } = context.df.getInput();
      const tasks = [0, 1, 2].map((n) =>
        context.df.callActivityWithRetry('Flaky', new RetryOptions(1, 2), {
          key: `${key}:${n}`,
          times: n === 1 ? times : 0,
        }),
      );
      return (yield context.df.Task.all(tasks)).length;
    },
    *RetriesChild(context) {
      const { key, times } = context.df.getInput();
      const options = new RetryOptions(1, 2);
      return yield context.df.callSubOrchestratorWithRetry('One', options, { key, times });
    },
    *Copes(context) {
      const { key, times } = context.df.getInput();
      try {
        yield context.df.callActivity('Flaky', { key: `${key}:caught`, times: 9 });
      } catch (error) {
        yield context.df.callActivity('Flaky', { key: `${key}:instead` });
      }
      return yield context.df.callActivity('Flaky', { key: `${key}:uncaught`, times });
    },
    *CleansUp(context) {
      const { key, times } = context.df.getInput();
      try {
        return yield context.df.callActivity('Flaky', { key, times });
      } catch (error) {
        yield context.df.callActivity('Flaky', { key: `${key}:clean` });
        throw error;
      }
    },
    *WaitForEvent(context) {
      return yield context.df.waitForExternalEvent('Go');
    },
    *CountedWait(context) {
      const value = yield context.df.waitForExternalEvent('Go');
      yield context.df.callActivity('Flaky', { key: context.df.getInput() });
      return value;
    },
    *WaitForTimer(context) {
      yield context.df.createTimer(inDays(context, 1));
      return 'rang';
    },
    *WaitForActivity(context) {
      return yield context.df.callActivity('Gate', context.df.instanceId);
    },
    *WaitForEntity(context) {
      return yield context.df.callEntity(new EntityId('Gated', context.df.instanceId), 'wait');
    },
    *WaitForRetry(context) {
      return yield context.df.callActivityWithRetry('Flaky', new RetryOptions(60 * 60 * 1000, 5), {
        key: context.df.instanceId,
        times: 9,
      });
    },
    *Forever(context) {
      yield context.df.callActivity('Flaky', { key: context.df.instanceId });
      const next = context.df.continueAsNew(null);
      if (next) yield next;
    },
    /** A child in each generation; that of the last one, `.0`, waits. */
    *Generations(context) {
      const left = context.df.getInput();
      const id = `${context.df.instanceId}.${left}`;
      yield context.df.callSubOrchestrator(left === 0 ? 'WaitForEvent' : 'Echo', left, id);
      const next = context.df.continueAsNew(left - 1);
      if (next) yield next;
    },
    *Family(context) {
      // Levels of children below; those of the last level wait.
      const { levels, id, width = 2 } = context.df.getInput();
      if (levels === 0) return yield context.df.waitForExternalEvent('Go');
      const children = Array.from({ length: width }, (_, n) =>
        context.df.callSubOrchestrator(
          'Family',
          { levels: levels - 1, id: `${id}.${n}`, width },
          `${id}.${n}`,
        ),
      );
      return yield context.df.Task.all(children);
    },
    *Echo(context) {
      return context.df.getInput();
    },
  };

  const activities = {
    async Flaky({ key, times = 0 }) {
      if (count(key) <= times) throw new Error(`boom ${key}`);
      return key;
    },
    Gate: (key) =>
      new Promise((resolve) => {
        count(key);
        shared.gates.set(key, resolve);
      }),
  };

  const entities = {
    Register(context) {
      const total = (context.df.getState(() => 0) ?? 0) + 1;
      context.df.setState(total);
      context.df.return(total);
    },
    async Gated(context) {
      const key = context.df.entityKey;
      count(`gated:${key}`);
      await new Promise((resolve) => shared.gates.set(key, resolve));
    },
  };

  return { orchestrators, activities, entities };
};
