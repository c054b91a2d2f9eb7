import { typed, v4Imports } from '../code.ts';
import type { V4Template } from '../template.ts';

export const orchestrator: V4Template = {
  model: 'v4',
  name: 'Durable Functions orchestrator',
  defaultName: 'durableHello',
  description: 'an orchestration, its activity, and an HTTP function that starts it',
  needsDurable: true,
  code: (request) => `${v4Imports(request, { durable: true })}

df.app.activity('${request.name}', {
  handler: (city${typed(request, ': string')}) => {
    return \`Hello, \${city}\`;
  },
});

df.app.orchestration('${request.name}Orchestrator', function* (context) {
  const greetings${typed(request, ': string[]')} = [];
  for (const city of ['Tokyo', 'Seattle', 'Cairo']) {
    greetings.push(yield context.df.callActivity('${request.name}', city));
  }
  return greetings;
});

// curl -X POST http://localhost:7071/api/orchestrators/${request.name}Orchestrator
app.http('${request.name}HttpStart', {
  route: 'orchestrators/${request.name}Orchestrator',
  methods: ['POST'],
  authLevel: '${request.authLevel}',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const input = await request.text();
    const instanceId = await client.startNew('${request.name}Orchestrator', { input });
    context.log(\`Started the orchestration '\${instanceId}'.\`);
    return client.createCheckStatusResponse(request, instanceId);
  },
});
`,
};
