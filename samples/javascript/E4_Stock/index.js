// One for each item, `E4_Stock@lamp`: its state is how many are left. Operations of an entity run one after the other, so that no two
// orders (E4_Order) take the last one.
//
//   curl http://localhost:7071/runtime/webhooks/durabletask/entities/E4_Stock/lamp
//   curl -X POST 'http://localhost:7071/runtime/webhooks/durabletask/entities/E4_Stock/lamp?op=putBack'
const df = require('durable-functions');

const IN_STOCK = 100;

module.exports = df.entity(function (context) {
  const left = context.df.getState(() => IN_STOCK);
  switch (context.df.operationName) {
    case 'take':
      if (left > 0) context.df.setState(left - 1);
      context.df.return(left > 0);
      break;
    case 'putBack':
      context.df.setState(left + 1);
      break;
    case 'get':
      context.df.return(left);
      break;
    default:
      throw new Error(`The stock has no operation ${context.df.operationName}.`);
  }
});
