import { v4Imports } from '../code.ts';
import type { V4Template } from '../template.ts';

export const timer: V4Template = {
  model: 'v4',
  name: 'Timer trigger',
  defaultName: 'timerTrigger',
  description: 'runs on a schedule',
  needsDurable: false,
  code: (request) => `${v4Imports(request, { durable: false })}

app.timer('${request.name}', {
  // Second, minute, hour, day, month, weekday: every five minutes.
  schedule: '0 */5 * * * *',
  handler: (timer, context) => {
    context.log(timer.isPastDue ? 'The timer is late.' : 'The timer is on time.');
  },
});
`,
};
