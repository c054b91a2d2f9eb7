import { exported, typed, typesImport } from '../code.ts';
import type { V3Template } from '../template.ts';

export const http: V3Template = {
  model: 'v3',
  name: 'HTTP trigger',
  defaultName: 'HttpTrigger',
  description: 'answers HTTP requests',
  needsDurable: false,
  bindings: ({ authLevel }) => [
    { authLevel, type: 'httpTrigger', direction: 'in', name: 'req', methods: ['get', 'post'] },
    { type: 'http', direction: 'out', name: 'res' },
  ],
  code: (request) => `${typesImport(request, 'Context, HttpRequest')}
// curl "http://localhost:7071/api/${request.name}?name=Ada"
${exported(request)} async function (context${typed(request, ': Context')}, req${typed(request, ': HttpRequest')}) {
  context.log(\`\${req.method} \${req.url}\`);
  const name = req.query.name || (req.body && req.body.name) || 'world';
  context.res = { body: \`Hello, \${name}!\` };
}
`,
};
