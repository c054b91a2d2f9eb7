const df = require('durable-functions-v1');

module.exports = df.entity((context) => {
  const value = context.df.getState(() => 0);
  if (context.df.operationName === 'add') context.df.setState(value + context.df.getInput());
  else if (context.df.operationName === 'get') context.df.return(value);
  else throw new Error('unknown operation');
});
