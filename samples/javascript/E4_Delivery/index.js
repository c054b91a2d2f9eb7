// The way of one item of E4_Order. Waits for its day as long as it takes; meanwhile nothing of it is in memory.
//
//   curl -X POST http://localhost:7071/api/orchestrators/E4_Order
const df = require('durable-functions');

module.exports = df.orchestrator(function* (context) {
  const parcel = context.df.getInput();
  const label = yield context.df.callActivity('E4_PrintLabel', parcel);
  yield context.df.createTimer(new Date(parcel.deliveryTime));
  return label;
});
