// Orchestrations that hand payloads on, or make large ones. Written once for all SDK generations.
module.exports = (df) => ({
  orchestrators: {
    *Echo(context) {
      return context.df.getInput();
    },
    // Through everything that carries a payload: activity, sub-orchestration, custom status, output.
    *Everywhere(context) {
      const input = context.df.getInput();
      context.df.setCustomStatus({ seen: input });
      const { value } = yield context.df.callActivity('Wrap', input);
      return yield context.df.callSubOrchestrator('Unwrap', { value });
    },
    *Unwrap(context) {
      return context.df.getInput().value;
    },
    *Waits(context) {
      return yield context.df.waitForExternalEvent('Data');
    },
    *Status(context) {
      context.df.setCustomStatus('s'.repeat(context.df.getInput() - 2));
      return 'done';
    },
    *Fails(context) {
      throw new Error('r'.repeat(context.df.getInput()));
    },
    *Catches(context) {
      try {
        yield context.df.callActivity('Breaks', context.df.getInput());
      } catch (error) {
        return error.message.length;
      }
    },
    *Wide(context) {
      const { count, text, length } = context.df.getInput();
      const tasks = [];
      for (let n = 0; n < count; n++) {
        tasks.push(context.df.callActivity('Repeat', { text, length }));
      }
      const texts = yield context.df.Task.all(tasks);
      return texts.reduce((sum, { length }) => sum + length, 0);
    },
    // The next generation is a wide one, and no message says what it was started with.
    *WideLater(context) {
      const { isNext, count } = context.df.getInput();
      if (!isNext) {
        yield context.df.waitForExternalEvent('Next');
        context.df.continueAsNew({ isNext: true, count });
        return undefined;
      }
      const tasks = [];
      for (let n = 0; n < count; n++) tasks.push(context.df.callActivity('Wrap', n));
      const all = yield context.df.Task.all(tasks);
      return all.reduce((sum, { value }) => sum + value, 0);
    },
    // An actor whose state doubles with each generation, until it is `limit` long.
    *Doubles(context) {
      const { state, limit } = context.df.getInput();
      yield context.df.waitForExternalEvent('Again');
      if (state.length < limit) context.df.continueAsNew({ state: state + state, limit });
      else return state;
    },
  },
  activities: {
    Wrap: (value) => ({ value }),
    Repeat: ({ text, length }) => text.repeat(length),
    Breaks: (length) => {
      throw new Error('r'.repeat(length));
    },
  },
});
