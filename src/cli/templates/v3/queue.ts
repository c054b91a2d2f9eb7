import { exported, typed, typesImport } from '../code.ts';
import type { V3Template } from '../template.ts';

export const queue: V3Template = {
  model: 'v3',
  name: 'Azure Queue Storage trigger',
  defaultName: 'QueueTrigger',
  description: 'handles the messages of a storage queue',
  needsDurable: false,
  bindings: ({ name }) => [
    {
      type: 'queueTrigger',
      direction: 'in',
      name: 'item',
      queueName: `${name.toLowerCase().replaceAll('_', '-')}-items`,
      connection: 'AzureWebJobsStorage',
    },
  ],
  code: (request) => `${typesImport(request, 'Context')}
${exported(request)} async function (context${typed(request, ': Context')}, item${typed(request, ': unknown')}) {
  context.log('The queue brought', item);
}
`,
};
