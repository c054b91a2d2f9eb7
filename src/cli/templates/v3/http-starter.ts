import { clientFunction } from './client-function.ts';

export const httpStarter = clientFunction({
  name: 'Durable Functions HTTP starter',
  defaultName: 'DurableFunctionsHttpStart',
  description: 'starts the orchestration that the URL names',
  route: 'orchestrators/{functionName}',
  usage: 'curl -X POST http://localhost:7071/api/orchestrators/<name of an orchestrator>',
  body: `  const instanceId = await client.startNew(req.params.functionName, undefined, req.body);
  context.log(\`Started the orchestration '\${instanceId}'.\`);
  return client.createCheckStatusResponse(req, instanceId);`,
});
