/** Instances that wait for one message each: when it is lost, they wait for ever. */
module.exports = (df) => ({
  orchestrators: {
    *Sleep(context) {
      const due = new Date(context.df.currentUtcDateTime.getTime() + 3_600_000);
      yield context.df.createTimer(due);
      return 'woken';
    },
    *CallChild(context) {
      return yield context.df.callSubOrchestrator('Child', null, 'child');
    },
    *Child(context) {
      return yield context.df.waitForExternalEvent('go');
    },
  },
});
