// Orchestrators that tell what of them runs, when, and whether they are told that it is a replay.
const seen = (process.seenByFedOrchestrators ??= new Map());

module.exports = (df) => {
  const note = (context, step) => {
    const { instanceId, isReplaying } = context.df;
    if (!seen.has(instanceId)) seen.set(instanceId, []);
    seen.get(instanceId).push([step, isReplaying]);
  };
  const in2200 = () => new Date(Date.UTC(2200, 0, 1));

  const orchestrators = {
    *Approvals(context) {
      const deadline = context.df.createTimer(context.df.getInput()?.deadline ?? in2200());
      for (let count = 1; ; count++) {
        const event = context.df.waitForExternalEvent('x');
        const winner = yield context.df.Task.any([event, deadline]);
        if (winner === deadline) return count;
        note(context, count);
        context.df.setCustomStatus(count);
      }
    },
    *Chain(context) {
      const { length } = context.df.getInput();
      for (let step = 0; step < length; step++) {
        yield context.df.callActivity('Quick', step);
        note(context, step);
      }
      return length;
    },
    *Races(context) {
      const slow = [];
      for (let round = 0; round < 8; round++) {
        slow.push(context.df.callActivity('After', 30));
        yield context.df.Task.any([slow[round], context.df.callActivity('Quick', round)]);
        note(context, round);
      }
    },
    *Caught(context) {
      try {
        yield context.df.Task.all([
          context.df.callActivity('Throws', 1),
          context.df.callActivity('After', 30),
        ]);
      } catch {
        note(context, 'caught');
      }
      yield context.df.callActivity('Quick', 1);
      note(context, 'end');
    },
    *RaceThenGo(context) {
      note(context, 'begin');
      yield context.df.Task.any([
        context.df.callActivity('After', 300),
        context.df.callActivity('Quick', 1),
      ]);
      note(context, 'first');
      yield context.df.waitForExternalEvent('go');
      note(context, 'go');
    },
    *KeptOpen(context) {
      try {
        yield context.df.waitForExternalEvent('go');
      } finally {
        note(context, 'finally');
      }
    },
  };

  return {
    orchestrators,
    activities: {
      Quick: (input) => input,
      After: (ms) => new Promise((resolve) => setTimeout(resolve, ms)),
      Throws() {
        throw new Error('on purpose');
      },
    },
  };
};
