// Orchestrations of which many run at once, and those that many events wait for. Written once for all SDK generations.
const { setTimeout: pause } = require('node:timers/promises');

module.exports = (df) => ({
  orchestrators: {
    // Steps that take longer than the commit window: each answer comes as a message.
    *Steps(context) {
      const { steps, ms } = context.df.getInput();
      const done = [];
      for (let step = 0; step < steps; step++) {
        done.push(yield context.df.callActivity('Takes', { ms, step }));
      }
      return done;
    },
    // Work between events, so that events come while activities run.
    *Letters(context) {
      const { count, ms } = context.df.getInput();
      const received = [];
      for (let n = 0; n < count; n++) {
        received.push(yield context.df.waitForExternalEvent('letter'));
        context.df.setCustomStatus(received.length);
        yield context.df.callActivity('Takes', { ms, step: n });
      }
      return received;
    },
    // One event a generation; the input is how many there are to come, and what there was.
    *Forever(context) {
      const { left, sum, inOrder, last } = context.df.getInput();
      const event = yield context.df.waitForExternalEvent('tick');
      const next = {
        left: left - 1,
        sum: sum + event,
        inOrder: inOrder && event === last + 1,
        last: event,
      };
      if (next.left === 0) return next;
      context.df.continueAsNew(next);
    },
    // All events in one generation.
    *Collects(context) {
      const count = context.df.getInput();
      let sum = 0;
      let inOrder = true;
      for (let last = 0; last < count; last++) {
        const event = yield context.df.waitForExternalEvent('tick');
        sum += event;
        inOrder &&= event === last + 1;
      }
      return { sum, inOrder };
    },
  },
  activities: {
    Takes: async ({ ms, step }) => {
      await pause(ms);
      return step;
    },
  },
});
