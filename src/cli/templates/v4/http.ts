import { v4Imports } from '../code.ts';
import type { V4Template } from '../template.ts';

export const http: V4Template = {
  model: 'v4',
  name: 'HTTP trigger',
  defaultName: 'httpTrigger',
  description: 'answers HTTP requests',
  needsDurable: false,
  code: (request) => `${v4Imports(request, { durable: false })}

// curl "http://localhost:7071/api/${request.name}?name=Ada"
app.http('${request.name}', {
  methods: ['GET', 'POST'],
  authLevel: '${request.authLevel}',
  handler: async (request, context) => {
    context.log(\`\${request.method} \${request.url}\`);
    const name = request.query.get('name') || (await request.text()) || 'world';
    return { body: \`Hello, \${name}!\` };
  },
});
`,
};
