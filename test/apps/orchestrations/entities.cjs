// Entities and the orchestrations that use them, written once for all SDK generations. Locks are for 3.5 alone.
const running = new Map();

module.exports = (df) => {
  const counter = (key) => new df.EntityId('Counter', key);

  const orchestrators = {
    /** Calls operations one after the other: `[key, operation, input]`. Errors are results. */
    *Calls(context) {
      const results = [];
      for (const [key, operation, input] of context.df.getInput()) {
        try {
          results.push(yield context.df.callEntity(counter(key), operation, input));
        } catch (error) {
          results.push(`error: ${error.message}`);
        }
      }
      return results;
    },
    *Signals(context) {
      const { key, count } = context.df.getInput();
      for (let n = 0; n < count; n++) context.df.signalEntity(counter(key), 'append', n);
      return yield context.df.callEntity(counter(key), 'items');
    },
    *CallsUnknown(context) {
      return yield context.df.callEntity(new df.EntityId('Nobody', 'k'), 'get');
    },
    *SignalsUnknown(context) {
      context.df.signalEntity(new df.EntityId('Nobody', 'k'), 'get');
      yield context.df.callEntity(counter('k'), 'get');
    },
    *LocksUnknown(context) {
      yield context.df.lock(counter('k'), new df.EntityId('Nobody', 'k'));
    },
    *LongKey(context) {
      return yield context.df.callEntity(counter('k'.repeat(600)), 'get');
    },
    /** Reads, thinks, writes: right only when nobody comes between. */
    *Increments(context) {
      const key = context.df.getInput();
      const lock = yield context.df.lock(counter(key));
      const value = yield context.df.callEntity(counter(key), 'get');
      const others = yield context.df.callActivity('Enter', key);
      yield context.df.callActivity('Leave', key);
      yield context.df.callEntity(counter(key), 'set', value + 1);
      lock.release();
      return others;
    },
    *Transfers(context) {
      const { from, to } = context.df.getInput();
      const lock = yield context.df.lock(counter(to), counter(from), counter(to));
      const [a, b] = [
        yield context.df.callEntity(counter(from), 'get'),
        yield context.df.callEntity(counter(to), 'get'),
      ];
      yield context.df.callEntity(counter(from), 'set', a - 1);
      yield context.df.callEntity(counter(to), 'set', b + 1);
      lock.release();
      lock.release();
    },
    *Holds(context) {
      const keys = context.df.getInput();
      yield context.df.lock(...keys.map(counter));
      context.df.setCustomStatus('holding');
      const how = yield context.df.waitForExternalEvent('Go');
      if (how === 'throw') throw new Error('thrown');
      if (how === 'unknown') yield context.df.callActivity('Missing');
      return 'done';
    },
  };

  const activities = {
    Enter: async (key) => {
      running.set(key, (running.get(key) ?? 0) + 1);
      await new Promise((resolve) => setTimeout(resolve, 5));
      return running.get(key) - 1;
    },
    Leave: (key) => running.set(key, running.get(key) - 1).size,
  };

  const entities = {
    Counter: (context) => {
      const value = context.df.getState(() => 0);
      const input = context.df.getInput();
      switch (context.df.operationName) {
        case 'add':
          context.df.setState(value + input);
          return context.df.return(value + input);
        case 'get':
          return context.df.return(value);
        case 'set':
          return context.df.setState(input);
        case 'append':
          return context.df.setState([...(value || []), input]);
        case 'items':
          return context.df.return(value);
        case 'delete':
          return context.df.destructOnExit();
        case 'fill':
          return context.df.setState('x'.repeat(input));
        case 'length':
          return context.df.return(value.length);
        case 'poke':
          return context.df.signalEntity(counter(input), 'add', 1);
        case 'break':
          throw new Error('broken');
        default:
          throw `no operation ${context.df.operationName}`;
      }
    },
  };

  return { orchestrators, activities, entities };
};
