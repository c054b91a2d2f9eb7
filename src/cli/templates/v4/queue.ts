import { v4Imports } from '../code.ts';
import type { V4Template } from '../template.ts';

export const queue: V4Template = {
  model: 'v4',
  name: 'Azure Queue Storage trigger',
  defaultName: 'storageQueueTrigger',
  description: 'handles the messages of a storage queue',
  needsDurable: false,
  code: (request) => `${v4Imports(request, { durable: false })}

app.storageQueue('${request.name}', {
  queueName: '${request.name.toLowerCase().replaceAll('_', '-')}-items',
  connection: 'AzureWebJobsStorage',
  handler: (item, context) => {
    context.log('The queue brought', item);
  },
});
`,
};
