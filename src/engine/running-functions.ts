/**
 * Which functions this process executes at the moment, for whoever looks at the hub: seen on their way to the invoker, so that it costs an
 * entry in a map for each invocation. An orchestrator runs while it takes a step, not while it waits.
 */
import type { RunningElsewhere, RunningFunction, RunningNow } from '../core/running-now.ts';
import type { ActivityInvocation, ActivityOutcome, EntityInvocation } from './function-invoker.ts';
import type { EntityOutcome, FunctionInvoker, OrchestrationRun } from './function-invoker.ts';
import type { OrchestratorInvocation } from './function-invoker.ts';

export interface RunningFunctionsOptions {
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** See `TaskHubBackend.runningElsewhere`. @default there is nobody else */
  readonly elsewhere?: (count: number) => Promise<readonly RunningElsewhere[]>;
}

export class RunningFunctions {
  readonly #options: RunningFunctionsOptions;
  /** In the order in which they began. */
  readonly #running = new Set<RunningFunction>();

  constructor(options: RunningFunctionsOptions) {
    this.#options = options;
  }

  /** An invoker whose invocations are seen here. */
  watch(invoker: FunctionInvoker): FunctionInvoker {
    return new WatchedInvoker(invoker, (what, run) => this.#watch(what, run));
  }

  /** @param count of those that have run longest. */
  list(count: number): RunningNow {
    return { total: this.#running.size, running: [...this.#running].slice(0, count) };
  }

  /** What the other workers of the hub execute; each is asked. @param count of each, those that have run longest. */
  async elsewhere(count: number): Promise<readonly RunningElsewhere[]> {
    return (await this.#options.elsewhere?.(count)) ?? [];
  }

  async #watch<Result>(
    what: Omit<RunningFunction, 'sinceMs'>,
    run: () => Promise<Result>,
  ): Promise<Result> {
    const entry = { ...what, sinceMs: this.#options.now() };
    this.#running.add(entry);
    try {
      return await run();
    } finally {
      this.#running.delete(entry);
    }
  }
}

type Watch = <Result>(
  what: Omit<RunningFunction, 'sinceMs'>,
  run: () => Promise<Result>,
) => Promise<Result>;

class WatchedInvoker implements FunctionInvoker {
  readonly #invoker: FunctionInvoker;
  readonly #watch: Watch;

  constructor(invoker: FunctionInvoker, watch: Watch) {
    this.#invoker = invoker;
    this.#watch = watch;
  }

  get functions() {
    return this.#invoker.functions;
  }

  openOrchestration(invocation: OrchestratorInvocation): OrchestrationRun {
    const run = this.#invoker.openOrchestration(invocation);
    const { functionName: name, instanceId } = invocation;
    const watch = this.#watch;
    return {
      feed: (events) => watch({ kind: 'orchestrator', name, instanceId }, () => run.feed(events)),
      get isReplayed() {
        return run.isReplayed;
      },
      close: () => {
        run.close();
      },
    };
  }

  runActivity(invocation: ActivityInvocation): Promise<ActivityOutcome> {
    const { functionName: name, instanceId } = invocation;
    const run = () => this.#invoker.runActivity(invocation);
    return this.#watch({ kind: 'activity', name, instanceId }, run);
  }

  runEntity(invocation: EntityInvocation): Promise<EntityOutcome> {
    const { entityName: name, entityKey } = invocation;
    const instanceId = `@${name}@${entityKey}`;
    const run = () => this.#invoker.runEntity(invocation);
    return this.#watch({ kind: 'entity', name, instanceId }, run);
  }
}
