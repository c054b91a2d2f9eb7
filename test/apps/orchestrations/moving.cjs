// Orchestrations that are in the middle of something when their hub is moved. An activity of `Works` waits for the gate of its key.
const gates = (globalThis[Symbol.for('moving app')] ??= new Map());

module.exports = (df) => ({
  orchestrators: {
    *Waits(context) {
      const first = yield context.df.waitForExternalEvent('first');
      const second = yield context.df.waitForExternalEvent('second');
      return [first, second];
    },
    *Sleeps(context) {
      yield context.df.createTimer(new Date(context.df.getInput()));
      return 'awake';
    },
    *Works(context) {
      const before = yield context.df.callActivity('Adds', 1);
      const gated = yield context.df.callActivity('Gated', context.df.getInput());
      return [before, gated];
    },
    *Calls(context) {
      return yield context.df.callSubOrchestrator('Waits', undefined, context.df.getInput());
    },
    *Locks(context) {
      const counter = new df.EntityId('Counter', 'one');
      const lock = yield context.df.lock(counter);
      const before = yield context.df.callEntity(counter, 'get');
      const plus = yield context.df.waitForExternalEvent('plus');
      yield context.df.callEntity(counter, 'add', plus);
      lock.release();
      return before;
    },
    *Signals(context) {
      context.df.signalEntity(new df.EntityId('Counter', 'two'), 'add', 5);
      return 'sent';
    },
    *Fails() {
      throw new Error('on purpose');
    },
  },
  activities: {
    Adds: (number) => number + 1,
    Gated: (key) =>
      new Promise((resolve) => {
        if (gates.get(key) === 'open') resolve(`through ${key}`);
      }),
  },
  entities: {
    Counter(context) {
      const state = context.df.getState(() => 0);
      if (context.df.operationName === 'add') context.df.setState(state + context.df.getInput());
      else context.df.return(state);
    },
  },
});
