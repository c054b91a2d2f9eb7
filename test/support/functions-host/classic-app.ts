/** An app of the classic programming model: a folder with function.json for each function, all of them in one script. */
import { AT_BARRIER } from './barrier.ts';

const SCRIPT = `${AT_BARRIER}
const df = require('durable-functions');
module.exports = {
  Hello: df.orchestrator(function* (context) {
    const greetings = [];
    for (const city of ['Tokyo', 'Seattle', 'London']) {
      greetings.push(yield context.df.callActivity('SayHello', city));
    }
    return greetings;
  }),
  SayHello: async (context, city) => {
    context.bindings.sent = \`to \${city}\`;
    context.log(\`greeting \${city} in \${context.executionContext.functionName}\`);
    return \`Hello \${city}!\`;
  },
  Parent: df.orchestrator(function* (context) {
    return yield context.df.callSubOrchestrator('Hello');
  }),
  Approval: df.orchestrator(function* (context) {
    context.df.setCustomStatus('waiting');
    const answer = yield context.df.waitForExternalEvent('answer');
    const counter = new df.EntityId('Counter', context.df.instanceId);
    yield context.df.callEntity(counter, 'add', 2);
    return [answer, yield context.df.callEntity(counter, 'add', 3)];
  }),
  Counter: df.entity((context) => {
    context.df.setState(context.df.getState(() => 0) + context.df.getInput());
    context.df.return(context.df.getState());
  }),
  AtBarrier: async (context, name) => atBarrier(name),
  Barrier: df.orchestrator(function* (context) {
    const before = yield context.df.callActivity('SayHello', 'Tokyo');
    const passed = yield context.df.callActivity('AtBarrier', 'Seattle');
    return [before, passed, yield context.df.callActivity('SayHello', 'London')];
  }),
  Nap: df.orchestrator(function* (context) {
    const fireAt = context.df.currentUtcDateTime.getTime() + context.df.getInput();
    context.df.setCustomStatus('waiting');
    yield context.df.createTimer(new Date(fireAt));
    return context.df.currentUtcDateTime.getTime() >= fireAt;
  }),
  HttpStart: async (context, req, starter) => {
    const client = df.getClient(context);
    const id = await client.startNew(req.params.name, undefined, req.body);
    context.log(\`started by the third argument: \${starter === context.bindings.starter}\`);
    return client.createCheckStatusResponse(context.bindingData.req, id);
  },
  HttpOut: async (context, req) => {
    context.bindings.starter = { FunctionName: 'Hello', InstanceId: req.query.id };
    context.res = { status: 202 };
  },
  Ping: (context) => {
    context.res = { body: 'pong' };
    context.done();
  },
  Unknown: async () => undefined,
};
`;

/** @param options.queue that the activity writes to; @param options.clientType of the SDK's time */
export function classicFiles(options: {
  readonly queue: string;
  readonly clientType: string;
  readonly packageJson: object;
}): Readonly<Record<string, unknown>> {
  const { queue, clientType, packageJson } = options;
  const http = (route: string, methods: readonly string[]) => [
    { type: 'httpTrigger', name: 'req', direction: 'in', authLevel: 'anonymous', route, methods },
    { type: 'http', name: '$return', direction: 'out' },
  ];
  const client = (direction: string) => ({ type: clientType, name: 'starter', direction });
  const trigger = (type: string) => ({ type, name: 'input', direction: 'in' });
  const functions: Readonly<Record<string, readonly object[]>> = {
    Hello: [trigger('orchestrationTrigger')],
    Parent: [trigger('orchestrationTrigger')],
    Approval: [trigger('orchestrationTrigger')],
    Barrier: [trigger('orchestrationTrigger')],
    Nap: [trigger('orchestrationTrigger')],
    Counter: [trigger('entityTrigger')],
    AtBarrier: [trigger('activityTrigger')],
    SayHello: [
      trigger('activityTrigger'),
      {
        type: 'queue',
        name: 'sent',
        direction: 'out',
        queueName: queue,
        connection: 'AzureWebJobsStorage',
      },
    ],
    Unknown: [
      trigger('activityTrigger'),
      { type: 'sendGrid', name: 'mail', direction: 'out', apiKey: 'K' },
    ],
    HttpStart: [...http('orchestrators/{name}', ['post']), client('in')],
    HttpOut: [
      ...http('out', ['post']).map((each) => ({
        ...each,
        name: each.name.replace('$return', 'res'),
      })),
      client('out'),
    ],
    Ping: http('ping', ['get']).map((each) => ({
      ...each,
      name: each.name.replace('$return', 'res'),
    })),
  };
  return {
    'package.json': packageJson,
    'app.js': SCRIPT,
    ...Object.fromEntries(
      Object.entries(functions).map(([name, bindings]) => [
        `${name}/function.json`,
        { scriptFile: '../app.js', entryPoint: name, bindings },
      ]),
    ),
  };
}
