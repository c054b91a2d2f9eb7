// The entities of the probe app, by name; the same functions serve both programming models.
const { setTimeout: pause } = require('node:timers/promises');

exports.entities = (df) => ({
  E_Counter: async (context) => {
    const value = context.df.getState(() => 0);
    switch (context.df.operationName) {
      case 'add': {
        const sum = value + context.df.getInput();
        context.df.setState(sum);
        return context.df.return(sum);
      }
      case 'get':
        return context.df.return(value);
      case 'set':
        return context.df.setState(context.df.getInput());
      case 'reset':
        return context.df.setState(0);
      case 'boom':
        context.df.setState(999);
        throw new Error('boom');
      /** Never ends. */
      case 'hang':
        context.df.setState(999);
        return new Promise(() => undefined);
      case 'delete':
        return context.df.destructOnExit();
      default:
        throw new Error(`unknown operation ${context.df.operationName}`);
    }
  },
  E_State: async (context) => {
    const items = context.df.getState(() => []);
    switch (context.df.operationName) {
      case 'set':
        return context.df.setState(context.df.getInput());
      case 'append':
        return context.df.setState([...items, context.df.getInput()]);
      default:
        return context.df.return(items);
    }
  },
  E_Slow: async (context) => {
    if (context.df.operationName === 'sleep') await pause(context.df.getInput());
    context.df.return('slept');
  },
  /** Nothing can be read of it before it is set. */
  E_Record: async (context) => {
    const value = context.df.getState();
    switch (context.df.operationName) {
      case 'set':
        return context.df.setState({ value: context.df.getInput() });
      case 'delete':
        return context.df.destructOnExit();
      default:
        if (value === undefined || value === null) throw 'there is no record';
        return context.df.return(value.value);
    }
  },
  /** Passes what it is given on to the counter of its own key. */
  E_Relay: async (context) => {
    const counter = new df.EntityId('E_Counter', context.df.entityKey);
    context.df.signalEntity(counter, 'add', context.df.getInput());
  },
  /** Keeps each operation as it came. */
  E_Notes: async (context) => {
    const { operationName } = context.df;
    const note = [operationName, context.df.getInput() ?? null];
    context.df.setState([...context.df.getState(() => []), note]);
    context.df.return(context.df.getInput());
  },
});
