// Orchestrations that the official extension gets wrong, written once for all SDK generations.
const runs = {};

module.exports = (df) => {
  const { RetryOptions } = df;
  const soon = (context, ms) => new Date(context.df.currentUtcDateTime.getTime() + ms);

  const orchestrators = {
    *AnyLoop(context) {
      const tasks = [1, 2, 3].map((n) => context.df.callActivity('Count', { key: 'AnyLoop', n }));
      const results = [];
      while (tasks.length > 0) {
        const winner = yield context.df.Task.any(tasks);
        tasks.splice(tasks.indexOf(winner), 1);
        results.push(winner.result);
      }
      return results.sort();
    },
    *RunsOf(context) {
      return yield context.df.callActivity('Runs', context.df.getInput());
    },
    *AnyThenAll(context) {
      const tasks = [1, 2, 3].map((n) =>
        context.df.callActivity('Count', { key: 'AnyThenAll', n }),
      );
      yield context.df.Task.any(tasks);
      const all = yield context.df.Task.all(tasks);
      return [all, yield context.df.callActivity('Echo', 'last')];
    },
    *EarlyEvent(context) {
      yield context.df.callActivity('Gate', context.df.instanceId);
      return yield context.df.waitForExternalEvent('Go');
    },
    *ThreeEvents(context) {
      yield context.df.callActivity('Gate', context.df.instanceId);
      const values = [];
      for (let i = 0; i < 3; i++) values.push(yield context.df.waitForExternalEvent('Go'));
      return values;
    },
    *EarlyEventsWinRaces(context) {
      yield context.df.callActivity('Gate', context.df.instanceId);
      const values = [];
      for (const ms of [15, 30, 0]) {
        const event = context.df.waitForExternalEvent('Go');
        const slow = context.df.callActivity('Pause', ms);
        const winner = yield context.df.Task.any([event, slow]);
        values.push(winner === event ? event.result : 'slow');
      }
      return values;
    },
    *EventsOfTwoNames(context) {
      yield context.df.callActivity('Gate', context.df.instanceId);
      const b = yield context.df.waitForExternalEvent('B');
      const a = yield context.df.waitForExternalEvent('A');
      return [a, b, yield context.df.callActivity('Echo', 'last')];
    },
    *EventsOverGenerations(context) {
      const seen = JSON.parse(JSON.stringify(context.df.getInput() ?? []));
      if (seen.length === 3) return seen;
      seen.push(yield context.df.waitForExternalEvent('Go'));
      yield context.df.callActivity('Echo', 1);
      const next = context.df.continueAsNew(seen);
      if (next) yield next;
    },
    *FailFast(context) {
      try {
        yield context.df.Task.all([
          context.df.callActivity('Boom', 'x'),
          context.df.callActivityWithRetry('FailTimes', new RetryOptions(1, 3), {
            key: context.df.instanceId,
            times: 2,
          }),
        ]);
      } catch {
        return yield context.df.callActivity('Echo', 'cleanup');
      }
    },
    *Throws(context) {
      // 1.x and 2.x encode the texts that a parent gives twice.
      const what = String(context.df.getInput()).replaceAll('"', '');
      if (what === 'text') throw 'some text';
      if (what === 'empty') throw new Error('');
      if (what === 'object') throw { code: 7 };
      if (what === 'undefined') throw undefined;
    },
    *NullFailure(context) {
      try {
        yield context.df.callSubOrchestrator('Throws', 'text');
      } catch (error) {
        return `caught ${error.message.split(' \n ')[0]}`;
      }
    },
    *ParallelRetries(context) {
      const id = context.df.instanceId;
      const failing = (key, times) =>
        context.df.callActivityWithRetry('FailTimes', new RetryOptions(1, 4), {
          key: `${id}-${key}`,
          times,
        });
      const all = yield context.df.Task.all([failing('a', 2), failing('b', 1)]);
      return [all, yield context.df.callActivity('Echo', 'last')];
    },
    *ParallelRetriesTwice(context) {
      const id = context.df.instanceId;
      const failing = (key, times) =>
        context.df.callActivityWithRetry('FailTimes', new RetryOptions(1, 4), {
          key: `${id}-${key}`,
          times,
        });
      const first = yield context.df.Task.all([failing('a', 2), failing('b', 1), failing('c', 0)]);
      const second = yield context.df.Task.all([failing('d', 1), failing('e', 3)]);
      return [first, second, yield context.df.callActivity('Echo', 'last')];
    },
    *ParallelRetriesOfOthers(context) {
      const id = context.df.instanceId;
      const retry = new RetryOptions(1, 3);
      let caught;
      try {
        yield context.df.Task.all([
          context.df.callSubOrchestratorWithRetry('FailTimesChild', retry, {
            key: `${id}-a`,
            times: 1,
          }),
          context.df.callActivityWithRetry('FailTimes', retry, { key: `${id}-b`, times: 9 }),
          context.df.callSubOrchestratorWithRetry('FailTimesChild', retry, {
            key: `${id}-c`,
            times: 2,
          }),
        ]);
      } catch (error) {
        caught = true;
      }
      return [caught, yield context.df.callActivity('Echo', 'last')];
    },
    *FailTimesChild(context) {
      const input = context.df.getInput();
      return yield context.df.callActivity('FailTimes', input);
    },
    *LosingTimer(context) {
      const timer = context.df.createTimer(soon(context, 60_000));
      yield context.df.Task.any([timer, context.df.callActivity('Echo', 1)]);
      return 'won';
    },
    *CancelledLongTimer(context) {
      const timer = context.df.createTimer(soon(context, 10 * 24 * 3_600_000));
      const event = context.df.waitForExternalEvent('Go');
      const winner = yield context.df.Task.any([timer, event]);
      if (winner !== event) return 'timer';
      timer.cancel();
      const echo = yield context.df.callActivity('Echo', 'next');
      const more = yield context.df.waitForExternalEvent('More');
      return [echo, more, yield context.df.callActivity('Echo', 'last')];
    },
    *LongTimer(context) {
      yield context.df.createTimer(soon(context, 10 * 24 * 3_600_000));
      return yield context.df.callActivity('Echo', 'after');
    },
    *AwaitsCancelledTimer(context) {
      const timer = context.df.createTimer(soon(context, 50));
      timer.cancel();
      yield timer;
      return yield context.df.callActivity('Echo', 'after');
    },
    AsyncGenerator: async function* (context) {
      yield context.df.callActivity('Echo', 1);
      return 'never';
    },
    *RetryTimeout(context) {
      const retry = new RetryOptions(20, 4);
      retry.retryTimeoutInMilliseconds = 10;
      try {
        yield context.df.callActivityWithRetry('Boom', retry, 'x');
      } catch {
        return yield context.df.callActivity('Echo', 'after');
      }
    },
    *WaitsAgainAtGates(context) {
      const { instanceId } = context.df;
      const gate = context.df.callActivity('Gate', `${instanceId}-a`);
      const retried = context.df.callActivityWithRetry(
        'FailAtGate',
        new RetryOptions(1, 2),
        `${instanceId}-b`,
      );
      yield context.df.Task.any([context.df.callActivity('Echo', 1), gate, retried]);
      yield gate;
      const first = yield context.df.callActivity('Echo', 'first');
      const second = yield context.df.callActivity('Echo', 'second');
      return [first, second, yield retried];
    },
    *WaitsAgain(context) {
      const key = context.df.instanceId;
      const retried = context.df.callActivityWithRetry('FailTimes', new RetryOptions(60, 4), {
        key,
        times: 2,
      });
      const first = yield context.df.Task.any([context.df.callActivity('Echo', 1), retried]);
      const last = yield retried;
      const other = yield context.df.callActivity('Echo', 'other');
      return [first !== retried, last, other];
    },
    *RetryCount(context) {
      const [attempts, interval, timeout] = context.df.getInput().map(Number);
      const retry = new RetryOptions(1, attempts);
      retry.maxRetryIntervalInMilliseconds = interval;
      retry.retryTimeoutInMilliseconds = timeout;
      try {
        yield context.df.callActivityWithRetry('Boom', retry, 'x');
      } catch {
        return yield context.df.callActivity('Echo', 'after');
      }
    },
    *AllOfDone(context) {
      const a = context.df.callActivity('Echo', 'a');
      const b = context.df.callActivity('Echo', 'b');
      yield a;
      yield b;
      return yield context.df.Task.all([a, b]);
    },
    *TwoWaits(context) {
      return yield context.df.Task.all([
        context.df.waitForExternalEvent('Go'),
        context.df.waitForExternalEvent('Go'),
      ]);
    },
    *LocksTwo(context) {
      const release = yield context.df.lock(
        new df.EntityId('counter', 'b'),
        new df.EntityId('counter', 'a'),
      );
      const before = yield context.df.callEntity(new df.EntityId('counter', 'a'), 'add', 1);
      release.release();
      return [before, yield context.df.callActivity('Echo', 'last')];
    },
  };

  const activities = {
    Echo: (input) => input,
    Boom: () => {
      throw new Error('boom');
    },
    Count: async ({ key, n }) => {
      runs[key] = (runs[key] ?? 0) + 1;
      await new Promise((resolve) => setTimeout(resolve, 10 * n));
      return n;
    },
    Runs: (key) => runs[key] ?? 0,
    Pause: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
    /** Ends when the test opens the gate of this name. */
    Gate: (name) =>
      new Promise((resolve) => {
        process.once(`gate ${name}`, resolve);
      }),
    /** Fails once, when the test opens the gate of this name. */
    FailAtGate: (name) => {
      runs[name] = (runs[name] ?? 0) + 1;
      if (runs[name] > 1) return runs[name];
      return new Promise((_, reject) => {
        process.once(`gate ${name}`, () => reject(new Error('gate')));
      });
    },
    FailTimes: ({ key, times }) => {
      runs[key] = (runs[key] ?? 0) + 1;
      if (runs[key] <= times) throw new Error(`failure ${runs[key]} of ${key}`);
      return runs[key];
    },
  };

  const entities = {
    counter: (context) => {
      const sum = context.df.getState(() => 0) + (context.df.getInput() ?? 0);
      context.df.setState(sum);
      context.df.return(sum);
    },
  };

  return { orchestrators, activities, entities };
};
