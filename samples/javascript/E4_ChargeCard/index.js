// A step of E4_Order. A real app would ask a payment service. To decline a card is an answer; an error is what is worth another try.
//
//   curl -X POST http://localhost:7071/api/orchestrators/E4_Order -H 'Content-Type: application/json' -d '{"card":"busy"}'
const BUSY_MS = 2_000;

module.exports = async function (context, { card, amount, orderTime }) {
  const isBusy = card === 'busy' && Date.now() < Date.parse(orderTime) + BUSY_MS;
  if (card === 'unreachable' || isBusy) throw new Error('The bank does not answer.');
  context.log(`charging ${amount}`);
  return card !== 'declined';
};
