/** Instances that ask for something, and say what they got: the result, or the failure that they caught. */
module.exports = (df) => ({
  orchestrators: {
    *Wait(context) {
      return yield context.df.waitForExternalEvent('go');
    },
    *CallActivity(context) {
      try {
        return yield context.df.callActivity('Echo', context.df.getInput());
      } catch (error) {
        return `caught: ${error.message}`;
      }
    },
    *CallChild(context) {
      try {
        return yield context.df.callSubOrchestrator('Wait', context.df.getInput(), 'child');
      } catch (error) {
        return `caught: ${error.message}`;
      }
    },
    *CallEntity(context) {
      try {
        return yield context.df.callEntity(new df.EntityId('Counter', 'one'), 'add', 1);
      } catch (error) {
        return `caught: ${error.message}`;
      }
    },
  },
  activities: {
    Echo: (input) => input,
  },
  entities: {
    Counter(context) {
      const sum = (context.df.getState(() => 0) ?? 0) + (context.df.getInput() ?? 0);
      context.df.setState(sum);
      context.df.return(sum);
    },
  },
});
