// One task of each kind, then an event; and how often the activity ran.
const runs = new Map();

module.exports = (df) => ({
  orchestrators: {
    *Steps(context) {
      const { instanceId } = context.df;
      const activity = yield context.df.callActivity('Counts', instanceId);
      yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 10));
      const child = yield context.df.callSubOrchestrator('Child', instanceId);
      const entity = yield context.df.callEntity(new df.EntityId('adder', instanceId), 'add', 1);
      const event = yield context.df.waitForExternalEvent('Go');
      return [activity, child, entity, event, yield context.df.callActivity('Runs', instanceId)];
    },
    *Child(context) {
      return yield context.df.callActivity('Echo', 'child');
    },
  },
  activities: {
    Counts: (key) => {
      runs.set(key, (runs.get(key) ?? 0) + 1);
      return 'counted';
    },
    Runs: (key) => runs.get(key),
    Echo: (value) => value,
  },
  entities: {
    adder: (context) => {
      const sum = context.df.getState(() => 0) + context.df.getInput();
      context.df.setState(sum);
      context.df.return(sum);
    },
  },
});
