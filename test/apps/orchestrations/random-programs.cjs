// Runs programs that a test makes up: see test/engine/random-program.ts for what they mean.
module.exports = (df) => {
  const { RetryOptions, EntityId } = df;
  const FAILED = 'failed';

  function create(context, expression, run, round) {
    const { df: durable } = context;
    switch (expression.kind) {
      case 'activity':
        return durable.callActivity('Work', { ...expression, key: expression.key + round, run });
      case 'retry':
        return durable.callActivityWithRetry(
          'WorkFlaky',
          new RetryOptions(1, expression.attempts),
          { ...expression, key: expression.key + round, run },
        );
      case 'timer':
        return durable.createTimer(new Date(durable.currentUtcDateTime.getTime() + expression.ms));
      case 'event':
        return durable.waitForExternalEvent(expression.name);
      case 'entity':
        return durable.callEntity(new EntityId('tally', `${run}-${expression.key}`), 'add', 1);
      case 'http': {
        const url = `${process.randomProgramsOrigin}/${run}/${expression.key}${round}/${expression.polls}`;
        // 1.x and 2.x take arguments, 3.x an object.
        return durable.callHttp.length > 1
          ? durable.callHttp('GET', url)
          : durable.callHttp({ method: 'GET', url });
      }
      case 'sub':
        return durable.callSubOrchestrator('Program', {
          body: expression.body,
          results: [],
          run,
          round,
        });
      case 'all':
        return durable.Task.all(
          expression.children.map((child) => create(context, child, run, round)),
        );
      case 'any':
        return durable.Task.any(
          expression.children.map((child) => create(context, child, run, round)),
        );
    }
  }

  function valueOf(expression, result) {
    switch (expression.kind) {
      case 'any':
      case 'timer':
        return expression.kind;
      case 'http':
        return result.content;
      case 'all':
        return expression.children.map((child, index) => valueOf(child, result[index]));
      default:
        return result;
    }
  }

  function* settle(task, expression) {
    try {
      return valueOf(expression, yield task);
    } catch {
      return FAILED;
    }
  }

  function* execute(context, body, run, results, round) {
    for (let at = 0; at < body.length; at++) {
      const statement = body[at];
      switch (statement.kind) {
        case 'await':
          results.push(
            yield* settle(create(context, statement.expression, run, round), statement.expression),
          );
          break;
        case 'throwing': {
          const { expression } = statement;
          results.push(valueOf(expression, yield create(context, expression, run, round)));
          break;
        }
        case 'anyLoop': {
          const tasks = statement.children.map((child) => create(context, child, run, round));
          const pending = [...tasks];
          while (pending.length > 0) {
            const winner = yield context.df.Task.any(pending);
            pending.splice(pending.indexOf(winner), 1);
          }
          results.push(
            tasks.map((task, index) =>
              task.isFaulted ? FAILED : valueOf(statement.children[index], task.result),
            ),
          );
          break;
        }
        case 'anyThenAll': {
          const tasks = statement.children.map((child) => create(context, child, run, round));
          yield context.df.Task.any(tasks);
          const all = yield context.df.Task.all(tasks);
          results.push(statement.children.map((child, index) => valueOf(child, all[index])));
          break;
        }
        case 'race':
          // The loser is left alone.
          yield context.df.Task.any([
            create(context, statement.expression, run, round),
            create(context, { kind: 'activity', key: statement.key, fails: false }, run, round),
          ]);
          results.push('race');
          break;
        case 'again': {
          const { key, expression } = statement;
          const task = create(context, expression, run, round);
          const other = create(context, { kind: 'activity', key, fails: false }, run, round);
          yield context.df.Task.any([task, other]);
          results.push(yield* settle(task, expression));
          break;
        }
        case 'branch': {
          // What is asked for depends on the order in which messages came.
          const key = statement.key + round;
          const waits = ['One', 'Two'].map((name) => context.df.waitForExternalEvent(key + name));
          const winner = yield context.df.Task.any(waits);
          const branch = winner === waits[0] ? 'One' : 'Two';
          const result = yield context.df.callActivity('Work', { key, run, branch });
          yield waits[winner === waits[0] ? 1 : 0];
          results.push(result === key + branch ? 'branch' : `${branch} got ${result}`);
          break;
        }
        case 'signal':
          context.df.signalEntity(new EntityId('tally', `${run}-${statement.key}`), 'add', 1);
          break;
        case 'increments': {
          const ids = statement.keys.map((key) => new EntityId('tally', `${run}-${key}`));
          const lock = yield context.df.lock(...ids);
          for (const id of ids) {
            const value = yield context.df.callEntity(id, 'get');
            yield context.df.callEntity(id, 'set', value + 1);
          }
          lock.release();
          break;
        }
        case 'status':
          context.df.setCustomStatus(statement.value);
          break;
        case 'loop':
          for (let i = 0; i < statement.rounds; i++) {
            yield* execute(context, statement.body, run, results, `${round}.${i}`);
          }
          break;
        case 'continueAsNew':
          return { body: body.slice(at + 1), results, run, round };
      }
    }
    return undefined;
  }

  const orchestrators = {
    *Program(context) {
      const { body, results, run, round = '' } = context.df.getInput();
      const next = yield* execute(context, body, run, results, round);
      if (next === undefined) return results;
      // 1.x wants it yielded; later SDKs refuse that.
      const action = context.df.continueAsNew(next);
      if (action) yield action;
    },
  };

  const executed = (process.executedActivities ??= new Map());
  const count = (run, key) => {
    const keys = executed.get(run) ?? [];
    executed.set(run, keys);
    keys.push(key);
    return keys.filter((other) => other === key).length;
  };

  const activities = {
    Work: ({ run, key, fails, branch = '' }) => {
      count(run, key);
      if (fails) throw new Error(`${key} fails`);
      return key + branch;
    },
    /** Fails the first times. */
    WorkFlaky: ({ run, key, failures }) => {
      if (count(run, key) <= failures) throw new Error(`${key} fails`);
      return key;
    },
  };

  const entities = {
    tally: (context) => {
      const { df } = context;
      switch (df.operationName) {
        case 'add':
          df.setState(df.getState(() => 0) + 1);
          return df.return(df.entityKey ?? null);
        case 'get':
          return df.return(df.getState(() => 0));
        case 'set':
          return df.setState(df.getInput());
      }
    },
  };

  return { orchestrators, activities, entities };
};
