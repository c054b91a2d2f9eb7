/** `callActivity`: one id, one work item, one answer. */
import { DurableTask } from './durable-task.ts';
import type { ReplayScope } from './scope.ts';

export function startActivity(
  scope: ReplayScope,
  call: { readonly functionName: string; readonly input: unknown },
): DurableTask {
  scope.checkFunction('activity', call.functionName);
  const task = new DurableTask();
  const id = scope.schedule({
    kind: 'activity',
    name: call.functionName,
    version: '',
    input: activityInput(call.input),
  });
  scope.awaitCompletion(id, (event) => {
    task.settle(event.EventType === 'TaskCompleted' ? 'succeeded' : 'failed');
  });
  return task;
}

/** Inputs travel as an array with exactly one element. Mirrors DurableOrchestrationContext.CallActivityAsync. */
export function activityInput(input: unknown): string {
  return JSON.stringify([input ?? null]);
}
