// One orchestration per feature of the SDKs, for the recordings of test/golden/replays.
module.exports = (df) => {
  const { EntityId, RetryOptions } = df;
  const after = (context, ms) => new Date(context.df.currentUtcDateTime.getTime() + ms);
  const counter = new EntityId('Counter', 'k');

  const orchestrators = {
    *Chain(context) {
      const a = yield context.df.callActivity('Echo', 'hello');
      return [a, yield context.df.callActivity('Echo', { n: 1 })];
    },
    *FanOut(context) {
      return yield context.df.Task.all([1, 2, 3].map((n) => context.df.callActivity('Echo', n)));
    },
    *AnyLoop(context) {
      const tasks = [1, 2, 3].map((n) => context.df.callActivity('Echo', n));
      const results = [];
      while (tasks.length > 0) {
        const winner = yield context.df.Task.any(tasks);
        tasks.splice(tasks.indexOf(winner), 1);
        results.push(winner.result);
      }
      return results;
    },
    *AnyThenAll(context) {
      const tasks = [1, 2].map((n) => context.df.callActivity('Echo', n));
      yield context.df.Task.any(tasks);
      yield context.df.Task.all(tasks);
      return yield context.df.callActivity('Echo', 'last');
    },
    *FailFast(context) {
      try {
        yield context.df.Task.all([
          context.df.callActivity('Boom'),
          context.df.callActivity('Echo', 1),
        ]);
      } catch {
        return yield context.df.callActivity('Echo', 'cleanup');
      }
    },
    *RetryThatSucceeds(context) {
      yield context.df.callActivityWithRetry('Flaky', new RetryOptions(5000, 3), 'in');
      return yield context.df.callActivity('Echo', 'next');
    },
    *RetryThatFails(context) {
      try {
        yield context.df.callActivityWithRetry('Boom', new RetryOptions(5000, 2), 'in');
      } catch {
        return yield context.df.callActivity('Echo', 'next');
      }
    },
    *ParallelRetries(context) {
      const retry = new RetryOptions(5000, 3);
      yield context.df.Task.all([
        context.df.callActivityWithRetry('Flaky', retry, 1),
        context.df.callActivityWithRetry('Flaky2', retry, 2),
      ]);
      return yield context.df.callActivity('Echo', 'next');
    },
    *Timer(context) {
      yield context.df.createTimer(after(context, 10_000));
      return 'fired';
    },
    *LongTimer(context) {
      yield context.df.createTimer(after(context, 10 * 24 * 3_600_000));
      return yield context.df.callActivity('Echo', 'next');
    },
    *CancelledTimer(context) {
      const timer = context.df.createTimer(after(context, 10_000));
      const event = context.df.waitForExternalEvent('Go');
      const winner = yield context.df.Task.any([timer, event]);
      timer.cancel();
      return winner.result;
    },
    *LosingTimer(context) {
      const timer = context.df.createTimer(after(context, 10_000));
      const event = context.df.waitForExternalEvent('Go');
      return (yield context.df.Task.any([timer, event])).result;
    },
    *EarlyEvent(context) {
      yield context.df.callActivity('Echo', 1);
      return yield context.df.waitForExternalEvent('Go');
    },
    *Children(context) {
      const own = yield context.df.callSubOrchestrator('Child', { k: 1 }, 'fixed-id');
      return [own, yield context.df.callSubOrchestrator('Child', 'text')];
    },
    *ChildWithRetry(context) {
      try {
        yield context.df.callSubOrchestratorWithRetry(
          'BadChild',
          new RetryOptions(1000, 2),
          { k: 1 },
          'child-id',
        );
      } catch {
        return yield context.df.callActivity('Echo', 'next');
      }
    },
    *ContinueAsNew(context) {
      const n = Number(String(context.df.getInput() ?? 0).replaceAll('"', ''));
      yield context.df.callActivity('Echo', n);
      if (n === 2) return 'over';
      context.df.setCustomStatus(`loop${n}`);
      const action = context.df.continueAsNew(n + 1);
      if (action) yield action;
    },
    *Status(context) {
      context.df.setCustomStatus({ step: 1 });
      yield context.df.callActivity('Echo', 1);
      context.df.setCustomStatus('two');
      yield context.df.callActivity('Echo', 2);
      context.df.setCustomStatus(0);
      return 'done';
    },
    *CallsEntity(context) {
      const sum = yield context.df.callEntity(counter, 'add', 5);
      return [sum, yield context.df.callActivity('Echo', 'next')];
    },
    *SignalsEntity(context) {
      context.df.signalEntity(counter, 'add', 5);
      return yield context.df.callActivity('Echo', 'next');
    },
    *Locks(context) {
      const lock = yield context.df.lock(
        new EntityId('Counter', 'b'),
        new EntityId('Counter', 'a'),
      );
      const sum = yield context.df.callEntity(new EntityId('Counter', 'a'), 'add', 5);
      lock.release();
      return [sum, yield context.df.callActivity('Echo', 'next')];
    },
    *Http(context) {
      const uri = 'http://localhost:1/job';
      // 1.x and 2.x take arguments, 3.x an object.
      const response = yield context.df.callHttp.length > 1
        ? context.df.callHttp('GET', uri)
        : context.df.callHttp({ method: 'GET', url: uri });
      return [response.statusCode, yield context.df.callActivity('Echo', 'next')];
    },
    *Throws(context) {
      yield context.df.callActivity('Echo', 1);
      throw new Error('user oops');
    },
    *Nested(context) {
      const call = (n) => context.df.callActivity('Echo', n);
      yield context.df.Task.all([context.df.Task.any([call(1), call(2)]), call(3)]);
      return yield call(4);
    },
  };

  const activities = {
    Echo: (input) => input,
    Boom: () => {
      throw new Error('boom');
    },
    Flaky: (input) => input,
    Flaky2: (input) => input,
  };
  const entities = { Counter: () => undefined };
  return { orchestrators, activities, entities };
};
