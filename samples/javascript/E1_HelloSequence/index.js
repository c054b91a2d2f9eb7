// Function chaining: three activities, one after the other. The list of their answers is the output.
//
//   curl -X POST http://localhost:7071/api/orchestrators/E1_HelloSequence/wait
//   ["Hello Tokyo!","Hello Seattle!","Hello London!"]
const df = require('durable-functions');

module.exports = df.orchestrator(function* (context) {
  const greetings = [];
  for (const city of ['Tokyo', 'Seattle', 'London']) {
    greetings.push(yield context.df.callActivity('E1_SayHello', city));
  }
  return greetings;
});
