// The activity of E1_HelloSequence: takes a city, gives a greeting. Activities are started by orchestrators:
//
//   curl -X POST http://localhost:7071/api/orchestrators/E1_HelloSequence/wait
module.exports = async function (context, city) {
  return `Hello ${city}!`;
};
