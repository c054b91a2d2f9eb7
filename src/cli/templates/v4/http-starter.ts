import { v4Imports } from '../code.ts';
import type { V4Template } from '../template.ts';

export const httpStarter: V4Template = {
  model: 'v4',
  name: 'Durable Functions HTTP starter',
  defaultName: 'durableHttpStart',
  description: 'starts the orchestration that the URL names',
  needsDurable: true,
  code: (request) => `${v4Imports(request, { durable: true })}

// curl -X POST http://localhost:7071/api/orchestrators/<name of an orchestrator>
app.http('${request.name}', {
  route: 'orchestrators/{orchestratorName}',
  methods: ['POST'],
  authLevel: '${request.authLevel}',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const instanceId = await client.startNew(request.params.orchestratorName, {
      input: await request.text(),
    });
    context.log(\`Started the orchestration '\${instanceId}'.\`);
    return client.createCheckStatusResponse(request, instanceId);
  },
});
`,
};
