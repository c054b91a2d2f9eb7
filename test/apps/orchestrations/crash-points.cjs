// Orchestrations that make the engine do everything it can do to storage, in a second and a half: one to itself, one to entities,
// and one that asks for this or that as messages come.
module.exports = (df) => ({
  orchestrators: {
    *Everything(context) {
      const hello = [];
      for (const city of ['Tokyo', 'Seattle', 'London']) {
        hello.push(yield context.df.callActivity('Hello', city));
      }
      const inASecond = new Date(context.df.currentUtcDateTime.getTime() + 1000);
      yield context.df.createTimer(inASecond);
      const event = yield context.df.waitForExternalEvent('Go');
      const child = yield context.df.callSubOrchestrator(
        'Child',
        'Kyoto',
        `${context.df.instanceId}-child`,
      );
      const fan = yield context.df.Task.all(
        [0, 1, 2, 3, 4].map((n) => context.df.callActivity('Square', n)),
      );
      return { hello, event, child, fan };
    },
    /** Calls, locks and signals two accounts, in two generations; each change counts once, also that of one by the other. */
    *Accounts(context) {
      const from = new df.EntityId('Account', 'from');
      const to = new df.EntityId('Account', 'to');
      if (!context.df.getInput()) {
        yield context.df.callEntity(from, 'add', 5);
        return context.df.continueAsNew(true);
      }
      context.df.signalEntity(from, 'give', 1);
      const lock = yield context.df.lock(from, to);
      const seen = yield context.df.callEntity(from, 'get');
      yield context.df.callEntity(from, 'add', -2);
      yield context.df.callEntity(to, 'add', 2);
      lock.release();
      context.df.signalEntity(from, 'add', 100);
      yield context.df.waitForExternalEvent('Go');
      return { seen, from: yield context.df.callEntity(from, 'get') };
    },
    /** Asks for other things, under the same event ids, when its events come in another order. */
    *Races(context) {
      const seen = [];
      for (const round of [0, 1, 2]) {
        const waits = ['A', 'B'].map((name) => context.df.waitForExternalEvent(`${name}${round}`));
        const winner = yield context.df.Task.any(waits);
        const [branch, loser] = winner === waits[0] ? ['A', waits[1]] : ['B', waits[0]];
        const called = yield context.df.callActivity('Hello', branch);
        const child = yield context.df.callSubOrchestrator('Child', branch);
        yield loser;
        seen.push([called, child].every((text) => text === `Hello ${branch}!`) || [called, child]);
      }
      return seen;
    },
    *Child(context) {
      return yield context.df.callActivity('Hello', context.df.getInput());
    },
  },
  activities: {
    Hello: (name) => `Hello ${name}!`,
    Square: (n) => n * n,
  },
  entities: {
    Account: (context) => {
      const balance = context.df.getState(() => 0);
      const amount = context.df.getInput();
      switch (context.df.operationName) {
        case 'add':
          return context.df.setState(balance + amount);
        case 'give':
          context.df.setState(balance - amount);
          return context.df.signalEntity(new df.EntityId('Account', 'to'), 'add', amount);
        default:
          return context.df.return(balance);
      }
    },
  },
});
