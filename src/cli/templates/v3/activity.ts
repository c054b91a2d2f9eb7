import { exported, typed, typesImport } from '../code.ts';
import type { V3Template } from '../template.ts';

export const activity: V3Template = {
  model: 'v3',
  name: 'Durable Functions activity',
  defaultName: 'Hello',
  description: 'does one step of an orchestration',
  needsDurable: true,
  bindings: () => [{ type: 'activityTrigger', direction: 'in', name: 'city' }],
  code: (request) => `${typesImport(request, 'Context')}
// An orchestrator calls it: yield context.df.callActivity('${request.name}', 'Tokyo')
${exported(request)} async function (context${typed(request, ': Context')}, city${typed(request, ': string')}) {
  context.log(\`Greeting \${city}\`);
  return \`Hello \${city}!\`;
}
`,
};
