import { durableImport, exported, typed, typesImport } from '../code.ts';
import type { V3Template } from '../template.ts';

export const httpStarter: V3Template = {
  model: 'v3',
  name: 'Durable Functions HTTP starter',
  defaultName: 'DurableFunctionsHttpStart',
  description: 'starts the orchestration that the URL names',
  needsDurable: true,
  bindings: ({ authLevel }) => [
    {
      authLevel,
      type: 'httpTrigger',
      direction: 'in',
      name: 'req',
      route: 'orchestrators/{functionName}',
      methods: ['post', 'get'],
    },
    { type: 'http', direction: 'out', name: '$return' },
    { type: 'durableClient', direction: 'in', name: 'client' },
  ],
  code: (request) => `${durableImport(request)}
${typesImport(request, 'Context, HttpRequest')}
// curl -X POST http://localhost:7071/api/orchestrators/<name of an orchestrator>
${exported(request)} async function (context${typed(request, ': Context')}, req${typed(request, ': HttpRequest')}) {
  const client = df.getClient(context);
  const instanceId = await client.startNew(req.params.functionName, undefined, req.body);
  context.log(\`Started the orchestration '\${instanceId}'.\`);
  return client.createCheckStatusResponse(req, instanceId);
}
`,
};
