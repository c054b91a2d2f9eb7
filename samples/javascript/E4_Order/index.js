// An order: takes each item from a stock that all orders share (an entity), charges a card (again and again, while the bank does not
// answer), and sends each item on its own way (a sub-orchestration for each, with a timer until the day of its delivery).
//
//   curl -X POST 'http://localhost:7071/api/orchestrators/E4_Order?instanceId=order-1' \
//     -H 'Content-Type: application/json' -d '{"customer":"Ada","items":["lamp","teapot"],"card":"4242","deliverInSeconds":60}'
//   curl http://localhost:7071/api/instances/order-1
//
// The card `declined` is refused. With `busy` the bank answers some seconds late, with `unreachable` never.
const df = require('durable-functions');

const PRICE = 20;

module.exports = df.orchestrator(function* (context) {
  const {
    customer = 'Ada',
    items = ['lamp', 'teapot'],
    card = '4242',
    deliverInSeconds = 1,
  } = context.df.getInput() ?? {};
  const orderTime = context.df.currentUtcDateTime;

  context.df.setCustomStatus('taking from stock');
  const taken = yield context.df.Task.all(
    items.map((item) => context.df.callEntity(stockOf(item), 'take')),
  );
  const missing = items.filter((_, index) => !taken[index]);

  let refusal = missing.length > 0 ? `sold out: ${missing.join(', ')}` : undefined;
  if (refusal === undefined) {
    context.df.setCustomStatus('charging');
    const retry = new df.RetryOptions(1_000, 3);
    retry.backoffCoefficient = 2;
    const payment = { card, amount: PRICE * items.length, orderTime: orderTime.toISOString() };
    // Fails when the last try does. Rewind the order when the bank answers again: it goes on from here.
    const isPaid = yield context.df.callActivityWithRetry('E4_ChargeCard', retry, payment);
    if (!isPaid) refusal = 'the card was declined';
  }
  if (refusal !== undefined) {
    // What was done is undone, and nobody waits for that.
    for (const [index, item] of items.entries()) {
      if (taken[index]) context.df.signalEntity(stockOf(item), 'putBack');
    }
    context.df.setCustomStatus('refused');
    return refusal;
  }

  context.df.setCustomStatus('delivering');
  const deliveryTime = new Date(orderTime.getTime() + deliverInSeconds * 1_000).toISOString();
  const parcels = yield context.df.Task.all(
    items.map((item) =>
      context.df.callSubOrchestrator('E4_Delivery', { customer, item, deliveryTime }),
    ),
  );
  context.df.setCustomStatus('delivered');
  return parcels;
});

function stockOf(item) {
  return new df.EntityId('E4_Stock', item);
}
