// Functions that never end, and an orchestrator that ends before what it started does; written once for all SDK generations.
const runs = {};
const never = () => new Promise(() => undefined);

module.exports = (df) => ({
  orchestrators: {
    *CallsHanging(context) {
      try {
        return yield context.df.callActivity('Hangs', 'x');
      } catch (error) {
        return `caught: ${error.message}`;
      }
    },
    /** One call hangs between two that do not. */
    *CallsHangingEntity(context) {
      const id = new df.EntityId('Sluggish', context.df.instanceId);
      const ask = (operation) => context.df.callEntity(id, operation);
      context.df.signalEntity(id, 'add');
      context.df.signalEntity(id, 'hang');
      context.df.signalEntity(id, 'add');
      const value = yield ask('add');
      try {
        yield ask('hang');
      } catch (error) {
        return [value, error.message];
      }
    },
    /** Sets, signals and throws in one operation, between two others. */
    *CallsHalfDone(context) {
      const id = new df.EntityId('HalfDone', context.df.instanceId);
      yield context.df.callEntity(id, 'set', 1);
      let message = '';
      try {
        yield context.df.callEntity(id, 'boom');
      } catch (error) {
        message = 'caught';
      }
      return [message, yield context.df.callEntity(id, 'get')];
    },
    /** Throws at the first failure, while another call is still being tried again. */
    *LeavesRetries(context) {
      const key = context.df.instanceId;
      const again = context.df.callActivityWithRetry('FailsTwice', new df.RetryOptions(1, 5), key);
      yield context.df.Task.all([again, context.df.callActivity('Fails', key)]);
    },
    *LeavesSlowRetries(context) {
      const key = context.df.instanceId;
      const slow = context.df.callActivityWithRetry('FailsTwice', new df.RetryOptions(1, 5), key);
      const other = context.df.callActivityWithRetry('Steady', new df.RetryOptions(1, 5), key);
      yield other;
      const event = context.df.waitForExternalEvent('go');
      yield context.df.Task.any([event, slow]);
      yield context.df.Task.all([slow, context.df.callActivity('Fails', key)]);
    },
  },
  activities: {
    Hangs: never,
    Steady: () => 'fine',
    Fails: () => {
      throw new Error('gives up');
    },
    FailsTwice: (key) => {
      runs[key] = (runs[key] ?? 0) + 1;
      if (runs[key] <= 2) throw new Error(`failure ${runs[key]}`);
      return runs[key];
    },
  },
  entities: {
    HalfDone: (context) => {
      const { operationName } = context.df;
      if (operationName === 'set') context.df.setState(context.df.getInput());
      if (operationName === 'get') context.df.return(context.df.getState());
      if (operationName !== 'boom') return;
      context.df.setState(999);
      context.df.signalEntity(new df.EntityId('HalfDone', 'other'), 'set', 7);
      throw new Error('boom');
    },
    Sluggish: async (context) => {
      const value = context.df.getState(() => 0);
      if (context.df.operationName === 'hang') {
        context.df.setState(-100);
        await never();
      }
      context.df.setState(value + 1);
      context.df.return(value + 1);
    },
  },
});

module.exports.runs = runs;
