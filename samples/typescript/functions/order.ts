// An order: takes each item from a stock that all orders share (an entity), charges a card (again and again, while the bank does not
// answer), and sends each item on its own way (a sub-orchestration for each, with a timer until the day of its delivery).
//
//   curl -X POST 'http://localhost:7071/api/orchestrators/E4_Order?instanceId=order-1' \
//     -H 'Content-Type: application/json' -d '{"customer":"Ada","items":["lamp","teapot"],"card":"4242","deliverInSeconds":60}'
//   curl http://localhost:7071/api/instances/order-1
//
// The card `declined` is refused. With `busy` the bank answers some seconds late, with `unreachable` never.
import type { InvocationContext } from '@azure/functions';
import * as df from 'durable-functions';

interface Order {
  readonly customer?: string;
  readonly items?: readonly string[];
  readonly card?: string;
  readonly deliverInSeconds?: number;
}

interface Payment {
  readonly card: string;
  readonly amount: number;
  readonly orderTime: string;
}

interface Parcel {
  readonly customer: string;
  readonly item: string;
  readonly deliveryTime: string;
}

const PRICE = 20;
const IN_STOCK = 100;
const BUSY_MS = 2_000;

df.app.orchestration('E4_Order', function* (context) {
  const {
    customer = 'Ada',
    items = ['lamp', 'teapot'],
    card = '4242',
    deliverInSeconds = 1,
  } = context.df.getInput<Order | null>() ?? {};
  const orderTime = context.df.currentUtcDateTime;

  context.df.setCustomStatus('taking from stock');
  const taken = (yield context.df.Task.all(
    items.map((item) => context.df.callEntity(stockOf(item), 'take')),
  )) as boolean[];
  const missing = items.filter((_, index) => !taken[index]);

  let refusal = missing.length > 0 ? `sold out: ${missing.join(', ')}` : undefined;
  if (refusal === undefined) {
    context.df.setCustomStatus('charging');
    const retry = new df.RetryOptions(1_000, 3);
    retry.backoffCoefficient = 2;
    const payment: Payment = {
      card,
      amount: PRICE * items.length,
      orderTime: orderTime.toISOString(),
    };
    // Fails when the last try does. Rewind the order when the bank answers again: it goes on from here.
    const isPaid = (yield context.df.callActivityWithRetry(
      'E4_ChargeCard',
      retry,
      payment,
    )) as boolean;
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
  const parcels = (yield context.df.Task.all(
    items.map((item) => {
      const parcel: Parcel = { customer, item, deliveryTime };
      return context.df.callSubOrchestrator('E4_Delivery', parcel);
    }),
  )) as string[];
  context.df.setCustomStatus('delivered');
  return parcels;
});

// Waits for its day as long as it takes; meanwhile nothing of it is in memory.
df.app.orchestration('E4_Delivery', function* (context) {
  const parcel = context.df.getInput<Parcel>();
  const label = (yield context.df.callActivity('E4_PrintLabel', parcel)) as string;
  yield context.df.createTimer(new Date(parcel.deliveryTime));
  return label;
});

// A real app would ask a payment service. To decline a card is an answer; an error is what is worth another try.
df.app.activity('E4_ChargeCard', {
  handler: ({ card, amount, orderTime }: Payment, context: InvocationContext) => {
    const isBusy = card === 'busy' && Date.now() < Date.parse(orderTime) + BUSY_MS;
    if (card === 'unreachable' || isBusy) throw new Error('The bank does not answer.');
    context.log(`charging ${amount}`);
    return card !== 'declined';
  },
});

df.app.activity('E4_PrintLabel', {
  handler: ({ customer, item }: Parcel) => `${item} for ${customer}`,
});

// One for each item, `E4_Stock@lamp`: its state is how many are left. Operations of an entity run one after the other, so that no two
// orders take the last one.
df.app.entity<number>('E4_Stock', (context) => {
  const left = context.df.getState(() => IN_STOCK) ?? IN_STOCK;
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
      throw new Error(`The stock has no operation ${String(context.df.operationName)}.`);
  }
});

function stockOf(item: string): df.EntityId {
  return new df.EntityId('E4_Stock', item);
}
