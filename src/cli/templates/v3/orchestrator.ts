import { durableImport, exported, typed } from '../code.ts';
import type { V3Template } from '../template.ts';

export const orchestrator: V3Template = {
  model: 'v3',
  name: 'Durable Functions orchestrator',
  defaultName: 'DurableFunctionsOrchestratorJS',
  description: 'calls the activity "Hello" for three cities',
  needsDurable: true,
  bindings: () => [{ type: 'orchestrationTrigger', direction: 'in', name: 'context' }],
  code: (request) => `${durableImport(request)}

// Calls the activity "Hello": func new --template "Durable Functions activity" --name Hello
${exported(request)} df.orchestrator(function* (context) {
  const greetings${typed(request, ': string[]')} = [];
  for (const city of ['Tokyo', 'Seattle', 'London']) {
    greetings.push(yield context.df.callActivity('Hello', city));
  }
  return greetings;
});
`,
};
