const df = require('durable-functions');

df.app.entity('Counter', (context) => {
  const value = context.df.getState(() => 0);
  switch (context.df.operationName) {
    case 'add':
      context.df.setState(value + context.df.getInput());
      break;
    case 'get':
      context.df.return(value);
      break;
    case 'delete':
      context.df.destructOnExit();
      break;
    case 'poke':
      context.df.signalEntity(new df.EntityId('Other', 'x'), 'ping', { a: 1 });
      context.df.signalEntity(new df.EntityId('Other', 'y'), 'stop');
      break;
    default:
      throw new Error('unknown operation');
  }
});
