import { durableImport, typed } from '../code.ts';
import type { V4Template } from '../template.ts';

export const activity: V4Template = {
  model: 'v4',
  name: 'Durable Functions activity',
  defaultName: 'hello',
  description: 'does one step of an orchestration',
  needsDurable: true,
  code: (request) => `${durableImport(request)}

// An orchestrator calls it: yield context.df.callActivity('${request.name}', 'Tokyo')
df.app.activity('${request.name}', {
  handler: (city${typed(request, ': string')}) => {
    return \`Hello, \${city}\`;
  },
});
`,
};
