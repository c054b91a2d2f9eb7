import { COUNTER_OPERATIONS, typed, v4Imports } from '../code.ts';
import type { V4Template } from '../template.ts';

export const entity: V4Template = {
  model: 'v4',
  name: 'Durable Functions entity',
  defaultName: 'counter',
  description: 'a small state with operations, and an HTTP function that uses it',
  needsDurable: true,
  code: (request) => `${v4Imports(request, { durable: true })}

df.app.entity${typed(request, '<number>')}('${request.name}', (context) => {
${COUNTER_OPERATIONS}
});

// curl -X POST http://localhost:7071/api/${request.name}/visits adds one; a GET shows the state.
app.http('${request.name}HttpStart', {
  route: '${request.name}/{id}',
  methods: ['GET', 'POST'],
  authLevel: '${request.authLevel}',
  extraInputs: [df.input.durableClient()],
  handler: async (request, context) => {
    const client = df.getClient(context);
    const id = new df.EntityId('${request.name}', request.params.id);
    if (request.method === 'POST') {
      await client.signalEntity(id, 'add', 1);
      return { status: 202 };
    }
    const { entityExists, entityState } = await client.readEntityState(id);
    return entityExists ? { jsonBody: entityState } : { status: 404 };
  },
});
`,
};
