// The app under the benchmark.
const df = require('durable-functions');

df.app.activity('SayHello', { handler: (name) => `Hello ${name}!` });

df.app.orchestration('HelloSequence', function* (context) {
  const output = [];
  for (const city of ['Tokyo', 'Seattle', 'London']) {
    output.push(yield context.df.callActivity('SayHello', city));
  }
  return output;
});

df.app.orchestration('FanOut', function* (context) {
  const tasks = [];
  for (let i = 0; i < context.df.getInput(); i++) {
    tasks.push(context.df.callActivity('SayHello', `n${i}`));
  }
  return (yield context.df.Task.all(tasks)).length;
});

df.app.orchestration('Chain', function* (context) {
  const steps = context.df.getInput();
  for (let i = 0; i < steps; i++) yield context.df.callActivity('SayHello', `n${i}`);
  return steps;
});

df.app.orchestration('Nothing', function* () {
  return 'done';
});
