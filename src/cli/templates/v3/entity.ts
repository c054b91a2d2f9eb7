import { COUNTER_OPERATIONS, durableImport, exported, typed } from '../code.ts';
import type { V3Template } from '../template.ts';

export const entity: V3Template = {
  model: 'v3',
  name: 'Durable Functions entity',
  defaultName: 'Counter',
  description: 'a small state with operations',
  needsDurable: true,
  bindings: () => [{ type: 'entityTrigger', direction: 'in', name: 'context' }],
  code: (request) => `${durableImport(request)}

${exported(request)} df.entity${typed(request, '<number>')}(function (context) {
${COUNTER_OPERATIONS}
});
`,
};
