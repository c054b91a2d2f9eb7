// The first step of E4_Delivery.
//
//   curl -X POST http://localhost:7071/api/orchestrators/E4_Order
module.exports = async function (context, { customer, item }) {
  return `${item} for ${customer}`;
};
