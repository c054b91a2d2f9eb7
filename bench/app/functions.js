// The app under the benchmark. Orchestrators note the ids they finish, and GET /done lists them, so that measuring asks
// storage nothing.
const df = require('durable-functions');
const { app } = require('@azure/functions');

const done = [];

function orchestration(name, body) {
  df.app.orchestration(name, function* (context) {
    const output = yield* body(context);
    done.push(context.df.instanceId);
    return output;
  });
}

df.app.activity('SayHello', { handler: (name) => `Hello ${name}!` });

orchestration('HelloSequence', function* (context) {
  const output = [];
  for (const city of ['Tokyo', 'Seattle', 'London']) {
    output.push(yield context.df.callActivity('SayHello', city));
  }
  return output;
});

orchestration('FanOut', function* (context) {
  const tasks = [];
  for (let i = 0; i < context.df.getInput(); i++) {
    tasks.push(context.df.callActivity('SayHello', `n${i}`));
  }
  return (yield context.df.Task.all(tasks)).length;
});

orchestration('Chain', function* (context) {
  const steps = context.df.getInput();
  for (let i = 0; i < steps; i++) yield context.df.callActivity('SayHello', `n${i}`);
  return steps;
});

app.get('done', {
  route: 'done',
  handler: (request) => ({ jsonBody: done.slice(Number(request.query.get('from') ?? 0)) }),
});
