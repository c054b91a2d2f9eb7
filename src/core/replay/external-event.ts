/** `waitForExternalEvent`: takes no id and leaves nothing in history; the event itself does. */
import { DurableTask } from './durable-task.ts';
import type { ReplayScope } from './scope.ts';

export function startExternalEvent(scope: ReplayScope, eventName: string): DurableTask {
  const task = new DurableTask();
  scope.awaitEvent(eventName, () => {
    task.settle('succeeded');
  });
  return task;
}
