const df = require('durable-functions');

df.app.orchestration('HelloSequence', function* (context) {
  const greetings = [];
  for (const city of ['Tokyo', 'Seattle', 'London']) {
    greetings.push(yield context.df.callActivity('SayHello', city));
  }
  return greetings;
});

df.app.activity('SayHello', { handler: (city) => `Hello ${city}!` });
