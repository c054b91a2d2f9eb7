import { durableImport, exported, typed, typesImport } from '../code.ts';
import type { V3Template } from '../template.ts';

export const entityHttpStarter: V3Template = {
  model: 'v3',
  name: 'Durable Functions Entity HTTP starter',
  defaultName: 'DurableFunctionsEntityHttpStart',
  description: 'an HTTP function that uses the entity "Counter"',
  needsDurable: true,
  bindings: ({ authLevel }) => [
    {
      authLevel,
      type: 'httpTrigger',
      direction: 'in',
      name: 'req',
      route: 'counters/{id}',
      methods: ['post', 'get'],
    },
    { type: 'http', direction: 'out', name: '$return' },
    { type: 'durableClient', direction: 'in', name: 'client' },
  ],
  code: (request) => `${durableImport(request)}
${typesImport(request, 'Context, HttpRequest')}
// curl -X POST http://localhost:7071/api/counters/visits adds one to the entity "Counter"; a GET shows its state.
${exported(request)} async function (context${typed(request, ': Context')}, req${typed(request, ': HttpRequest')}) {
  const client = df.getClient(context);
  const id = new df.EntityId('Counter', req.params.id);
  if (req.method === 'POST') {
    await client.signalEntity(id, 'add', 1);
    return { status: 202 };
  }
  const { entityExists, entityState } = await client.readEntityState(id);
  return entityExists ? { body: entityState } : { status: 404 };
}
`,
};
