/**
 * What an orchestrator of durable-functions 2.x or 3.x threw, read from the executor that the SDK keeps on `context.df`. The
 * SDK's answer says only the message of an Error: thrown texts and objects look like no error at all, and after `throw undefined`
 * it looks as if the orchestrator still waited. Anything that looks different here is left alone.
 */
interface Executor {
  readonly exception: unknown;
  readonly orchestratorReturned: boolean;
  readonly willContinueAsNew: boolean;
  readonly currentTask: Task | undefined;
  /** What came before something waited for it, by task id or event name. */
  readonly deferredTasks?: unknown;
}

interface Task {
  readonly id?: unknown;
  readonly hasResult?: unknown;
  readonly children?: readonly Task[];
}

/** undefined when nothing was thrown, or it cannot be known. */
export function thrownByOrchestrator(context: unknown): { readonly value: unknown } | undefined {
  const executor = executorOf(context);
  if (executor === undefined) return undefined;
  if (executor.exception !== undefined) return { value: executor.exception };
  // The task it waited for is settled, yet it neither returned nor waits for another: it threw undefined.
  const hasEnded = executor.orchestratorReturned || executor.willContinueAsNew;
  const isStuck = executor.currentTask?.hasResult === true && !hasEnded;
  return isStuck && !cameEarly(executor.currentTask, executor) ? { value: undefined } : undefined;
}

/** SDKs before 3.5 do not go on either when the event came before the wait. They are shown it later then. */
function cameEarly({ id, children = [] }: Task, executor: Executor): boolean {
  const { deferredTasks } = executor;
  if (typeof id === 'string' && typeof deferredTasks === 'object' && deferredTasks !== null) {
    return Object.hasOwn(deferredTasks, id);
  }
  return children.some((child) => cameEarly(child, executor));
}

/** What the function of the orchestrator gave the SDK: its generator. undefined when it gave none, or it cannot be known. */
export function startedByOrchestrator(context: unknown): { readonly value: unknown } | undefined {
  const executor = executorOf(context);
  if (executor === undefined || !Object.hasOwn(executor, 'generator')) return undefined;
  return { value: memberOf(executor, 'generator') };
}

/** Whether the SDK is 2.x or 3.x; 1.x has no executor. */
export function hasExecutor(context: unknown): boolean {
  return executorOf(context) !== undefined;
}

function executorOf(context: unknown): Executor | undefined {
  const df = memberOf(context, 'df');
  const executor = memberOf(df, 'taskOrchestratorExecutor');
  if (typeof executor !== 'object' || executor === null) return undefined;
  return 'exception' in executor && 'currentTask' in executor ? (executor as Executor) : undefined;
}

function memberOf(holder: unknown, name: string): unknown {
  if (typeof holder !== 'object' || holder === null) return undefined;
  return Reflect.get(holder, name);
}
