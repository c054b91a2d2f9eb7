// Orchestrations of single scenarios: long retry intervals, errors of entities, generations, events in a row.
// SDK 1.x wants what continueAsNew gives to be yielded.
module.exports = (df) => {
  const DAY_MS = 24 * 60 * 60 * 1000;
  const fragile = (context) => new df.EntityId('fragile', context.df.instanceId);
  const retry = (first, max) => {
    const options = new df.RetryOptions(first, 3);
    if (max !== undefined) options.maxRetryIntervalInMilliseconds = max;
    return options;
  };

  return {
    orchestrators: {
      *FirstRetryInAWeek(context) {
        return yield context.df.callActivityWithRetry('Echo', retry(7 * DAY_MS), 1);
      },
      *RetriesUpToAWeek(context) {
        return yield context.df.callActivityWithRetry('Echo', retry(1, 7 * DAY_MS), 1);
      },
      /** Whether nobody called within two minutes. */
      *Silence(context) {
        const due = new Date(context.df.currentUtcDateTime.getTime() + 2 * 60 * 1000);
        const timer = context.df.createTimer(due);
        const call = context.df.waitForExternalEvent('Call');
        const isSilent = (yield context.df.Task.any([timer, call])) === timer;
        if (!isSilent) timer.cancel();
        return isSilent;
      },
      *CatchesEntityError(context) {
        try {
          yield context.df.callEntity(fragile(context), 'fail');
        } catch (error) {
          return `caught: ${error.message}`;
        }
      },
      *ThrowsEntityError(context) {
        try {
          yield context.df.callEntity(fragile(context), 'fail');
        } catch (error) {
          throw new Error(error.message);
        }
      },
      // The operation fails twice.
      *TriesEntityAgain(context) {
        for (let tries = 1; ; tries++) {
          try {
            return [tries, yield context.df.callEntity(fragile(context), 'failTwice')];
          } catch (error) {
            if (tries === 5) throw error;
          }
        }
      },
      *Generations(context) {
        yield context.df.waitForExternalEvent('Next');
        const left = context.df.getInput() - 1;
        if (left === 0) return 'over';
        const action = context.df.continueAsNew(left);
        if (action) yield action;
      },
      // Events that come in a row, a generation for each.
      *Sums(context) {
        const { sum, left } = context.df.getInput();
        const value = yield context.df.waitForExternalEvent('Add');
        if (left === 1) return sum + value;
        const action = context.df.continueAsNew({ sum: sum + value, left: left - 1 });
        if (action) yield action;
      },
      *Returns(context) {
        return context.df.getInput();
      },
    },
    activities: { Echo: (value) => value },
    entities: {
      fragile: (context) => {
        if (context.df.operationName === 'fail' || tries(context) < 3) {
          // A text: of an Error the SDKs hand on nothing.
          throw `no ${context.df.operationName}`;
        }
        context.df.return('at last');
      },
    },
  };
};

// An operation that throws need not keep its state: counted outside.
const runs = new Map();
function tries(context) {
  const count = (runs.get(context.df.entityKey) ?? 0) + 1;
  runs.set(context.df.entityKey, count);
  return count;
}
