import { exported, typed, typesImport } from '../code.ts';
import type { V3Template } from '../template.ts';

export const timer: V3Template = {
  model: 'v3',
  name: 'Timer trigger',
  defaultName: 'TimerTrigger',
  description: 'runs on a schedule',
  needsDurable: false,
  bindings: () => [
    // Second, minute, hour, day, month, weekday: every five minutes.
    { type: 'timerTrigger', direction: 'in', name: 'timer', schedule: '0 */5 * * * *' },
  ],
  code: (request) => `${typesImport(request, 'Context, Timer')}
${exported(request)} async function (context${typed(request, ': Context')}, timer${typed(request, ': Timer')}) {
  context.log(timer.isPastDue ? 'The timer is late.' : 'The timer is on time.');
}
`,
};
