// An orchestrator whose code is another one after the switch is thrown: what a redeployment, or chance, does to instances under way.
module.exports = (df) => {
  const VERSIONS = {
    activity: (context) => context.df.callActivity('First', 1),
    otherActivity: (context) => context.df.callActivity('Second', 1),
    timer: (context) =>
      context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 5)),
    child: (context) => context.df.callSubOrchestrator('Child', 1),
    otherChild: (context) => context.df.callSubOrchestrator('OtherChild', 1),
    entity: (context) => context.df.callEntity(new df.EntityId('counter', 'x'), 'get'),
    nothing: () => undefined,
    all: (context) =>
      context.df.Task.all([
        context.df.callActivity('First', 1),
        context.df.callActivity('First', 2),
      ]),
    otherAll: (context) =>
      context.df.Task.all([
        context.df.callActivity('First', 1),
        context.df.callActivity('Second', 2),
      ]),
  };
  return {
    orchestrators: {
      *Changes(context) {
        const { before, after, key } = context.df.getInput();
        const version = process.env[`CHANGED_${key}`] === undefined ? before : after;
        console.log(`${key} runs`);
        context.log(`${key} runs`);
        const task = VERSIONS[version](context);
        if (task !== undefined) yield task;
        yield context.df.waitForExternalEvent('Go');
        return yield context.df.callActivity('Second', 'last');
      },
      *Child() {
        return 'child';
      },
      *OtherChild() {
        return 'other child';
      },
    },
    activities: { First: (input) => input, Second: (input) => input },
    entities: {
      counter: (context) => {
        context.df.return(1);
      },
    },
  };
};
