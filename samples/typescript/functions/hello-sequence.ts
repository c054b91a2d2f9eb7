// Function chaining: three activities, one after the other. The list of their answers is the output.
//
//   curl -X POST http://localhost:7071/api/orchestrators/E1_HelloSequence/wait
//   ["Hello Tokyo!","Hello Seattle!","Hello London!"]
import * as df from 'durable-functions';

const CITIES = ['Tokyo', 'Seattle', 'London'];

df.app.orchestration('E1_HelloSequence', function* (context) {
  const greetings: string[] = [];
  for (const city of CITIES) {
    greetings.push((yield context.df.callActivity('E1_SayHello', city)) as string);
  }
  return greetings;
});

df.app.activity('E1_SayHello', {
  handler: (city: string) => `Hello ${city}!`,
});
