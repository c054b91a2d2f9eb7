/**
 * `Task.all` and `Task.any`. All children are started, left to right, before anything is waited for. `all` is over at the
 * first failure, as the SDK sees it; the siblings stay open. Differs from OutOfProcOrchestrationShim, which waits for all.
 */
import type { SdkAction } from './action.ts';
import { DurableTask } from './durable-task.ts';
import type { ReplayScope } from './scope.ts';

export function startAll(
  scope: ReplayScope,
  children: readonly SdkAction[],
  path: readonly number[],
): DurableTask {
  const all = new DurableTask();
  const tasks = startChildren(scope, children, path);
  let pending = tasks.length;
  for (const task of tasks) {
    task.whenSettled(() => {
      pending--;
      if (task.outcome === 'failed') all.settle('failed');
      else if (pending === 0) all.settle('succeeded');
    });
  }
  if (pending === 0) all.settle('succeeded');
  return all;
}

export function startAny(
  scope: ReplayScope,
  children: readonly SdkAction[],
  path: readonly number[],
): DurableTask {
  return anyOf(startChildren(scope, children, path));
}

/** Settled as soon as one of the tasks is. It never fails: its result is the task, which may have. */
export function anyOf(tasks: readonly DurableTask[]): DurableTask {
  const any = new DurableTask();
  for (const task of tasks) {
    task.whenSettled(() => {
      any.settle('succeeded');
    });
  }
  return any;
}

function startChildren(
  scope: ReplayScope,
  children: readonly SdkAction[],
  path: readonly number[],
): DurableTask[] {
  return children.map((child, index) => scope.start(child, [...path, index]));
}
