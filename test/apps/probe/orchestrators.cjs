// The orchestrators of the probe app, by name; the same generators serve both programming models. What SDK 2.1 cannot do
// (P_WaitN, locks) is in `onlyNewest`.
const { existsSync } = require('node:fs');
const path = require('node:path');

const HOUR_MS = 3600_000;

const inMs = (context, ms) => new Date(context.df.currentUtcDateTime.getTime() + ms);

/** @param callHttp a durable HTTP request of the SDK, with the members that 3.x gives it. */
exports.orchestrators = (df, callHttp) => ({
  *P_Echo(context) {
    return context.df.getInput();
  },
  *P_EchoViaActivity(context) {
    return yield context.df.callActivity('A_Echo', context.df.getInput());
  },
  *P_Activity(context) {
    const { name, input } = context.df.getInput();
    return yield context.df.callActivity(name, input);
  },
  *P_Factorial(context) {
    let product = 1;
    for (let i = 1; i <= context.df.getInput(); i++) {
      product = yield context.df.callActivity('A_Mul', [product, i]);
    }
    return product;
  },
  *P_Counter(context) {
    const value = context.df.getInput();
    context.df.setCustomStatus(value);
    const operation = yield context.df.waitForExternalEvent('operation');
    if (operation === 'end') return value;
    context.df.continueAsNew(operation === 'incr' ? value + 1 : value - 1);
  },
  *P_Countdown(context) {
    const { left, afterMs } = context.df.getInput();
    if (left === 0) return 'ok';
    if (afterMs !== undefined) yield context.df.createTimer(inMs(context, afterMs));
    context.df.continueAsNew({ left: left - 1, afterMs });
    return 'the value of a generation that is not the last';
  },
  /** One generation per signal; each waits for its own against a timer of a day. */
  *P_Signals(context) {
    const { next, last } = context.df.getInput();
    if (next > last) return 'ok';
    context.df.setCustomStatus(next);
    const timer = context.df.createTimer(inMs(context, 24 * HOUR_MS));
    const signal = context.df.waitForExternalEvent(`signal${next}`);
    const winner = yield context.df.Task.any([signal, timer]);
    if (winner === timer) return 'a day went by';
    timer.cancel();
    context.df.continueAsNew({ next: next + 1, last });
  },
  /** Continues with each of the inputs in turn, and answers what the last generation was given. */
  *P_Generations(context) {
    const input = context.df.getInput();
    if (input === null || typeof input !== 'object' || !Array.isArray(input.rest)) {
      return { got: input === undefined ? 'undefined' : input };
    }
    const [first, ...rest] = input.rest;
    yield context.df.callActivity('A_Echo', 'x');
    context.df.continueAsNew(rest.length === 0 ? first : { rest });
  },
  /** Activity, sub-orchestration and entity call in each of three generations. */
  *P_Busy(context) {
    const { round, key } = context.df.getInput();
    yield context.df.callActivity('A_Echo', round);
    yield context.df.callSubOrchestrator('P_Echo', round);
    const total = yield context.df.callEntity(new df.EntityId('E_Counter', key), 'add', round);
    if (round === 3) return total;
    context.df.continueAsNew({ round: round + 1, key });
  },
  *P_Approval(context) {
    const timer = context.df.createTimer(inMs(context, context.df.getInput().seconds * 1000));
    const approval = context.df.waitForExternalEvent('approval');
    const winner = yield context.df.Task.any([approval, timer]);
    if (winner === timer) return 'Expired';
    timer.cancel();
    return approval.result ? 'Approved' : 'Rejected';
  },
  *P_WaitTwo(context) {
    const a = yield context.df.waitForExternalEvent('a');
    context.df.setCustomStatus('a');
    const b = yield context.df.waitForExternalEvent('b');
    return [a, b];
  },
  /** @param input name of the event, or an object that has it: SDK 2.1 puts a string that a parent hands down into quotes. */
  *P_WaitOne(context) {
    const input = context.df.getInput();
    return yield context.df.waitForExternalEvent(input.name ?? input);
  },
  /** Sleeps in an activity before it waits. */
  *P_WaitLater(context) {
    const { name, ms } = context.df.getInput();
    yield context.df.callActivity('A_Sleep', { key: name, ms });
    return yield context.df.waitForExternalEvent(name);
  },
  *P_WaitAll(context) {
    return yield context.df.Task.all(
      context.df.getInput().map((name) => context.df.waitForExternalEvent(name)),
    );
  },
  *P_FanOut(context) {
    const { n, ms, key } = context.df.getInput();
    const tasks = [];
    for (let i = 0; i < n; i++) {
      tasks.push(context.df.callActivity('A_Square', { i, ms, key: `${key ?? 'square'}-${i}` }));
    }
    return yield context.df.Task.all(tasks);
  },
  *P_Flaky(context) {
    return yield context.df.callActivity('A_Flaky', context.df.getInput());
  },
  /** An activity fails while one timer runs; after it comes another. */
  *P_FlakyTimers(context) {
    const timer = context.df.createTimer(inMs(context, 500));
    const flaky = context.df.callActivity('A_Flaky', context.df.getInput());
    const [, calls] = yield context.df.Task.all([timer, flaky]);
    yield context.df.createTimer(inMs(context, 300));
    return calls;
  },
  *P_FlakyRetry(context) {
    const { key, failures, max, firstMs, coef, maxIntervalMs, timeoutMs } = context.df.getInput();
    const options = new df.RetryOptions(firstMs, max);
    if (coef !== undefined) options.backoffCoefficient = coef;
    if (maxIntervalMs !== undefined) options.maxRetryIntervalInMilliseconds = maxIntervalMs;
    if (timeoutMs !== undefined) options.retryTimeoutInMilliseconds = timeoutMs;
    const calls = yield context.df.callActivityWithRetry('A_Flaky', options, { key, failures });
    return { calls, now: context.df.currentUtcDateTime.toISOString() };
  },
  *P_FlakyFanOut(context) {
    const options = new df.RetryOptions(200, 3);
    return yield context.df.Task.all(
      context.df
        .getInput()
        .map((input) => context.df.callActivityWithRetry('A_Flaky', options, input)),
    );
  },
  *P_NoRetryOptions(context) {
    return yield context.df.callActivityWithRetry('A_Echo', null, 1);
  },
  *P_RetryChild(context) {
    const { key, failures, max } = context.df.getInput();
    const options = new df.RetryOptions(200, max);
    const input = { key, failures };
    return yield context.df.callSubOrchestratorWithRetry('P_Flaky', options, input);
  },
  *P_Parent(context) {
    const { fn, input, id } = context.df.getInput();
    return { child: yield context.df.callSubOrchestrator(fn, input, id) };
  },
  *P_Grand(context) {
    return { grand: yield context.df.callSubOrchestrator('P_Parent', context.df.getInput()) };
  },
  *P_Children(context) {
    return yield context.df.Task.all(
      context.df.getInput().map((input) => context.df.callSubOrchestrator('P_Info', input)),
    );
  },
  /** Calls the same child id again after it has ended. */
  *P_SameChild(context) {
    const results = [];
    for (const input of [1, 2, 3]) {
      results.push(yield context.df.callSubOrchestrator('P_Echo', input, context.df.getInput()));
    }
    return results;
  },
  /** A child per generation, without an id of its own. */
  *P_ChildPerGeneration(context) {
    const ids = context.df.getInput();
    const { instanceId } = yield context.df.callSubOrchestrator('P_Info', null);
    if (ids.length === 2) return [...ids, instanceId];
    context.df.continueAsNew([...ids, instanceId]);
  },
  *P_TimerAt(context) {
    const start = context.df.currentUtcDateTime.toISOString();
    yield context.df.createTimer(new Date(context.df.getInput()));
    return { start, end: context.df.currentUtcDateTime.toISOString() };
  },
  *P_TimerIn(context) {
    const start = context.df.currentUtcDateTime;
    yield context.df.createTimer(inMs(context, context.df.getInput()));
    return context.df.currentUtcDateTime.getTime() - start.getTime();
  },
  *P_ManyTimers(context) {
    const due = inMs(context, 1000);
    const timers = Array.from({ length: context.df.getInput() }, () => context.df.createTimer(due));
    yield context.df.Task.all(timers);
    return timers.length;
  },
  *P_CancelledTimer(context) {
    const timer = context.df.createTimer(inMs(context, HOUR_MS));
    const echo = context.df.callActivity('A_Echo', 'quick');
    yield context.df.Task.any([timer, echo]);
    timer.cancel();
    return echo.result;
  },
  *P_Long(context) {
    return yield context.df.callActivity('A_Long', context.df.getInput());
  },
  *P_Status(context) {
    context.df.setCustomStatus({ step: 1 });
    yield context.df.waitForExternalEvent('go');
    context.df.setCustomStatus({ step: 2, x: ['två', null] });
    return null;
  },
  *P_SetStatus(context) {
    context.df.setCustomStatus(context.df.getInput());
    yield context.df.callActivity('A_Echo', 'x');
  },
  *P_Yield(context) {
    const { kind, key } = context.df.getInput();
    switch (kind) {
      case 'timer':
        return yield context.df.createTimer(inMs(context, HOUR_MS));
      case 'event':
        return yield context.df.waitForExternalEvent('never');
      case 'activity':
        return yield context.df.callActivity('A_Sleep', { key, ms: 2000 });
      case 'gate':
        return yield context.df.callActivity('A_Gate', key);
      case 'sub':
        return yield context.df.callSubOrchestrator('P_Yield', { kind: 'event', key });
      case 'entity':
        return yield context.df.callEntity(new df.EntityId('E_Slow', key), 'sleep', 2000);
      case 'retry':
        return yield context.df.callActivityWithRetry('A_Flaky', new df.RetryOptions(600_000, 3), {
          key,
          failures: 99,
        });
      case 'loop':
        yield context.df.createTimer(inMs(context, 200));
        return context.df.continueAsNew(context.df.getInput());
      default:
        throw new Error(`unknown kind ${kind}`);
    }
  },
  *P_Info(context) {
    return {
      instanceId: context.df.instanceId,
      parentInstanceId: context.df.parentInstanceId ?? null,
      guids: [context.df.newGuid('a'), context.df.newGuid('b')],
      now: context.df.currentUtcDateTime.toISOString(),
      input: context.df.getInput() ?? null,
    };
  },
  *P_Boom(context) {
    throw new Error(context.df.getInput());
  },
  *P_BoomString(context) {
    throw context.df.getInput();
  },
  *P_BoomObject() {
    throw { code: 7 };
  },
  *P_BoomOdd(context) {
    if (context.df.getInput() === 'undefined') throw undefined;
    const error = new Error('turns in circles');
    error.cause = error;
    error.self = error;
    throw error;
  },
  *P_CatchLoop(context) {
    let caught = 0;
    for (let i = 0; i < 5; i++) {
      try {
        yield context.df.callActivity('A_Throw', { kind: 'error', text: `no ${i}` });
      } catch (error) {
        caught++;
      }
    }
    return caught;
  },
  *P_CatchText(context) {
    try {
      const { child, ...input } = context.df.getInput();
      if (child) yield context.df.callSubOrchestrator(child, input.text);
      else yield context.df.callActivity('A_Throw', input);
    } catch (error) {
      return error.message;
    }
  },
  *P_Floating(context) {
    context.df.callActivity('A_Sleep', { key: context.df.getInput(), ms: 2000 });
    return 'did not wait';
  },
  *P_YieldNonTask() {
    yield 42;
  },
  *P_YieldSignal(context) {
    yield context.df.signalEntity(new df.EntityId('E_Counter', 'x'), 'add', 1);
  },
  *P_TwoFailures(context) {
    try {
      yield context.df.Task.all(
        ['one', 'two'].map((text) => context.df.callActivity('A_Throw', { kind: 'error', text })),
      );
    } catch (error) {
      return `caught: ${error.message}`;
    }
    return 'nothing was thrown';
  },
  *P_SameTaskTwice(context) {
    const task = context.df.callActivity('A_Journal', context.df.getInput());
    return [yield task, yield task];
  },
  *P_AnyThenResult(context) {
    const slow = context.df.callActivity('A_Sleep', { key: 'slow', ms: 700 });
    const quick = context.df.callActivity('A_Echo', 'quick');
    const winner = yield context.df.Task.any([slow, quick]);
    return [winner === quick, winner.result, yield slow, yield quick];
  },
  *P_Nested(context) {
    const echo = (value) => context.df.callActivity('A_Echo', value);
    const { Task } = context.df;
    const inner = Task.all([echo(1), echo(2)]);
    const never = context.df.waitForExternalEvent('never');
    const any = Task.any([never, inner]);
    const all = yield Task.all([any, Task.all([echo(3), Task.all([echo(4)])])]);
    return [all[0] === inner, inner.result, all[1]];
  },
  *P_EmptyAll(context) {
    return yield context.df.Task.all([]);
  },
  *P_Times(context) {
    const times = [context.df.currentUtcDateTime.toISOString()];
    for (let i = 0; i < 3; i++) {
      yield context.df.callActivity('A_Echo', i);
      times.push(context.df.currentUtcDateTime.toISOString());
    }
    return times;
  },
  *P_Entity(context) {
    const { name, key, op, arg } = context.df.getInput();
    return yield context.df.callEntity(new df.EntityId(name, key), op, arg);
  },
  *P_Signal(context) {
    const { name, key, op, arg } = context.df.getInput();
    context.df.signalEntity(new df.EntityId(name, key), op, arg);
  },
  /** Calls operations in turn: `[name, key, operation, input]`. Errors are results. */
  *P_EntityCalls(context) {
    const results = [];
    for (const [name, key, operation, input] of context.df.getInput()) {
      try {
        results.push(yield context.df.callEntity(new df.EntityId(name, key), operation, input));
      } catch (error) {
        results.push(`error: ${error.message}`);
      }
    }
    return results;
  },
  /** Fails until somebody opens the gate: code that is mended while its instance lies there. */
  *P_Mended(context) {
    const key = context.df.getInput();
    const first = yield context.df.callActivity('A_Journal', key);
    if (!existsSync(path.join(process.env.PROBE_DIR, `${key}.open`))) throw new Error('broken');
    return [first, yield context.df.callActivity('A_Echo', 6)];
  },
  /** Calls and signals an entity, then has four children with a child each, two of which fail in two activities. */
  *P_Tree(context) {
    const { key, failures } = context.df.getInput();
    const counter = new df.EntityId('E_Counter', key);
    yield context.df.callEntity(counter, 'add', 1);
    context.df.signalEntity(counter, 'add', 10);
    const children = [0, 1, 2, 3].map((n) =>
      context.df.callSubOrchestrator(
        'P_Branch',
        { key: `${key}-${n}`, failures: n < 2 ? failures : 0 },
        `${key}-${n}`,
      ),
    );
    return (yield context.df.Task.all(children)).flat();
  },
  *P_Branch(context) {
    const { key } = context.df.getInput();
    return yield context.df.callSubOrchestrator('P_Leaf', context.df.getInput(), `${key}-leaf`);
  },
  *P_Leaf(context) {
    const { key, failures } = context.df.getInput();
    const tasks = [0, 1, 2, 3].map((i) =>
      context.df.callActivity('A_Flaky', { key: `${key}-${i}`, failures: i < 2 ? failures : 0 }),
    );
    return yield context.df.Task.all(tasks);
  },
  *P_Http(context) {
    const { timeout, retryOptions, ...request } = context.df.getInput();
    const task = callHttp(context, request);
    // The extension takes them; no SDK has options for them.
    Object.assign(task.actionObj.httpRequest, { timeout, retryOptions });
    const { statusCode, content, headers } = yield task;
    return { statusCode, content, headers };
  },
  /** What the orchestrator is told before and after each of n activities. */
  *P_Replaying(context) {
    const seen = [context.df.isReplaying];
    for (let i = 0; i < context.df.getInput(); i++) {
      yield context.df.callActivity('A_Echo', i);
      seen.push(context.df.isReplaying);
    }
    return seen;
  },
});

exports.onlyNewest = (df) => ({
  *P_WaitN(context) {
    const { name, n } = context.df.getInput();
    const values = [];
    while (values.length < n) values.push(yield context.df.waitForExternalEvent(name));
    return values;
  },
  /** Moves one from one counter to the other; the locks are released at the end of the section. */
  *P_Transfer(context) {
    const [from, to] = context.df.getInput().map((key) => new df.EntityId('E_Counter', key));
    const lock = yield context.df.lock(from, to);
    const a = yield context.df.callEntity(from, 'get');
    const b = yield context.df.callEntity(to, 'get');
    yield context.df.callEntity(from, 'set', a - 1);
    yield context.df.callEntity(to, 'set', b + 1);
    lock.release();
    return context.df.isLocked().isLocked;
  },
  /** Reads, sleeps and writes within a critical section. */
  *P_Section(context) {
    const { key, ms } = context.df.getInput();
    const counter = new df.EntityId('E_Counter', key);
    const lock = yield context.df.lock(counter);
    const value = yield context.df.callEntity(counter, 'get');
    yield context.df.callActivity('A_Sleep', { key, ms });
    yield context.df.callEntity(counter, 'set', value + 1);
    lock.release();
    return value + 1;
  },
  *P_NestedLock(context) {
    yield context.df.lock(new df.EntityId('E_Counter', context.df.getInput()));
    yield context.df.lock(new df.EntityId('E_Counter', 'other'));
  },
});
