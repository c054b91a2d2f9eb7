/** An order that is charged, approved within three days, and shipped: for tests of the test kit. */
module.exports = (df) => ({
  orchestrators: {
    *Order(context) {
      const { amount } = context.df.getInput();
      const retry = new df.RetryOptions(60_000, 3);
      const receipt = yield context.df.callActivityWithRetry('Charge', retry, { amount });
      context.df.setCustomStatus('charged');
      const deadline = new Date(context.df.currentUtcDateTime.getTime() + 3 * 24 * 3_600_000);
      const timeout = context.df.createTimer(deadline);
      const approval = context.df.waitForExternalEvent('Approved');
      const winner = yield context.df.Task.any([approval, timeout]);
      if (winner === timeout)
        return { receipt, shipped: 'never', at: context.df.currentUtcDateTime };
      timeout.cancel();
      const parcel = yield context.df.callSubOrchestrator('Ship', { receipt });
      return { receipt, parcel };
    },
    *Ship(context) {
      return yield context.df.callActivity('Pack', context.df.getInput());
    },
    *Asks(context) {
      const request = {
        method: 'GET',
        url: 'https://stock.example/7',
        uri: 'https://stock.example/7',
      };
      const answer = df.app
        ? yield context.df.callHttp(request)
        : yield context.df.callHttp('GET', request.uri);
      return answer.content;
    },
    *Counts(context) {
      return yield context.df.callEntity(new df.EntityId('Counter', 'orders'), 'add', 1);
    },
    *Waits(context) {
      const events = ['Red', 'Green'].map((name) => context.df.waitForExternalEvent(name));
      yield context.df.Task.any(events);
      yield context.df.waitForExternalEvent('Blue');
      return 'done';
    },
    *Asking(context) {
      yield context.df.callActivity('Ask', context.df.instanceId);
      return yield context.df.waitForExternalEvent('Red');
    },
    *WithForeigner(context) {
      return yield context.df.callSubOrchestrator('OfAnotherApp', 7);
    },
    *WithChild(context) {
      return yield context.df.callSubOrchestrator('Waits', null, 'the-child');
    },
    *Clock() {
      return Date.now();
    },
    *Forever(context) {
      const next = new Date(context.df.currentUtcDateTime.getTime() + 24 * 3_600_000);
      yield context.df.createTimer(next);
      yield context.df.callActivity('Pack', 'daily');
      yield context.df.continueAsNew(null);
    },
    *Endless(context) {
      const next = new Date(context.df.currentUtcDateTime.getTime() + 60_000);
      yield context.df.createTimer(next);
      yield context.df.continueAsNew(null);
    },
    *Changing(context) {
      globalThis.changingRuns = (globalThis.changingRuns ?? 0) + 1;
      yield context.df.callActivity(globalThis.changingRuns % 2 ? 'Pack' : 'Charge', 1);
      yield context.df.callActivity('Pack', 2);
    },
  },
  activities: {
    Charge: ({ amount }) => `paid ${amount}`,
    Pack: (what) => `packed ${JSON.stringify(what)}`,
  },
  entities: {
    Counter(context) {
      const value = context.df.getState(() => 0) + context.df.getInput();
      if (typeof value !== 'number') throw new Error('not a number');
      context.df.setState(value);
      context.df.return(value);
    },
  },
});
