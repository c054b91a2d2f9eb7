// One orchestration that makes the engine do everything it can do to storage, in a second and a half.
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
    *Child(context) {
      return yield context.df.callActivity('Hello', context.df.getInput());
    },
  },
  activities: {
    Hello: (name) => `Hello ${name}!`,
    Square: (n) => n * n,
  },
});
