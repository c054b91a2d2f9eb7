// What workers with clocks that differ have to do together: events in their order, activities of whoever has room, a timer, a child,
// and an entity under a lock.
module.exports = (df) => {
  const sum = new df.EntityId('Sum', 'all');
  return {
    orchestrators: {
      *Everything(context) {
        const n = context.df.getInput();
        const letters = [];
        while (letters.length < 4) letters.push(yield context.df.waitForExternalEvent('letter'));
        const parts = [1, 2, 3, 4].map((part) => context.df.callActivity('Same', part));
        const added = (yield context.df.Task.all(parts)).reduce((a, b) => a + b, 0);
        const lock = yield context.df.lock(sum);
        const before = yield context.df.callEntity(sum, 'get');
        yield context.df.callEntity(sum, 'set', before + n);
        lock.release();
        const child = yield context.df.callSubOrchestrator('Child', null);
        yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + 1_000));
        return [letters.join(''), added, 'rang', child];
      },
      *Child(context) {
        return yield context.df.callActivity('Same', 'child');
      },
      *Waits(context) {
        yield context.df.callActivity('Same', 0);
        const value = yield context.df.waitForExternalEvent('go');
        return yield context.df.callActivity('Same', value);
      },
      /** For so many seconds. */
      *Sleeps(context) {
        const ms = context.df.getInput() * 1_000;
        yield context.df.createTimer(new Date(context.df.currentUtcDateTime.getTime() + ms));
        return 'woke';
      },
    },
    activities: { Same: (value) => value },
    entities: {
      Sum(context) {
        const value = context.df.getState(() => 0);
        if (context.df.operationName === 'set') context.df.setState(context.df.getInput());
        else context.df.return(value);
      },
    },
  };
};
