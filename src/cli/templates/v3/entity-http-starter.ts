import { clientFunction } from './client-function.ts';

export const entityHttpStarter = clientFunction({
  name: 'Durable Functions Entity HTTP starter',
  defaultName: 'DurableFunctionsEntityHttpStart',
  description: 'an HTTP function that uses the entity "Counter"',
  route: 'counters/{id}',
  usage:
    'curl -X POST http://localhost:7071/api/counters/visits adds one to the entity "Counter"; a GET shows its state.',
  body: `  const id = new df.EntityId('Counter', req.params.id);
  if (req.method === 'POST') {
    await client.signalEntity(id, 'add', 1);
    return { status: 202 };
  }
  const { entityExists, entityState } = await client.readEntityState(id);
  return entityExists ? { body: entityState } : { status: 404 };`,
});
