/**
 * User code for tests of the engine, without an SDK: an orchestrator is a function from its history to its answer, an
 * activity a function from its input to its result. Counts what runs.
 */
import type { HistoryEvent } from '../../src/core/history-event.ts';
import type { SdkAction } from '../../src/core/replay/action.ts';
import type {
  ActivityInvocation,
  ActivityOutcome,
  EntityInvocation,
  EntityOutcome,
  FunctionInvoker,
  OrchestrationRun,
  OrchestratorInvocation,
} from '../../src/engine/function-invoker.ts';
import { ListRun } from '../../src/function-app/orchestrations/list-run.ts';
import type { SdkAnswer } from '../../src/function-app/orchestrations/orchestration-trigger.ts';
import { answered } from './history.ts';

export interface ScriptedInvocation extends OrchestratorInvocation {
  readonly history: readonly HistoryEvent[];
}

export type ScriptedOrchestrator = (invocation: ScriptedInvocation) => SdkAnswer;
export type ScriptedActivity = (input: string | null) => Promise<string> | string;

export interface ScriptedApp {
  readonly orchestrators?: Readonly<Record<string, ScriptedOrchestrator>>;
  readonly activities?: Readonly<Record<string, ScriptedActivity>>;
  readonly entities?: Readonly<Record<string, (invocation: EntityInvocation) => EntityOutcome>>;
}

export class ScriptedInvoker implements FunctionInvoker {
  readonly functions;
  readonly activityRuns: string[] = [];
  orchestratorRuns = 0;
  readonly #app: ScriptedApp;

  constructor(app: ScriptedApp) {
    this.#app = app;
    this.functions = {
      orchestrators: Object.keys(app.orchestrators ?? {}),
      activities: Object.keys(app.activities ?? {}),
      entities: Object.keys(app.entities ?? {}),
    };
  }

  openOrchestration(invocation: OrchestratorInvocation): OrchestrationRun {
    const run = this.#app.orchestrators?.[invocation.functionName];
    if (!run) throw new Error(`no orchestrator ${invocation.functionName}`);
    return new ListRun(invocation, (history) => {
      this.orchestratorRuns++;
      return Promise.resolve(run({ ...invocation, history }));
    });
  }

  async runActivity(invocation: ActivityInvocation): Promise<ActivityOutcome> {
    this.activityRuns.push(invocation.functionName);
    try {
      const run = this.#app.activities?.[invocation.functionName];
      if (!run) throw new Error(`no activity ${invocation.functionName}`);
      return { kind: 'completed', result: await run(invocation.input) };
    } catch (error) {
      const reason = error instanceof Error ? error.message : String(error);
      return { kind: 'failed', reason, details: '{}', failureDetails: null };
    }
  }

  runEntity(invocation: EntityInvocation): Promise<EntityOutcome> {
    const run = this.#app.entities?.[invocation.entityName];
    if (!run) throw new Error(`no entity ${invocation.entityName}`);
    return Promise.resolve(run(invocation));
  }
}

export function resultsOf(history: readonly HistoryEvent[]): ReadonlyMap<number, string | null> {
  return new Map(
    history.flatMap((event) =>
      event.EventType === 'TaskCompleted' || event.EventType === 'SubOrchestrationInstanceCompleted'
        ? [[event.TaskScheduledId, event.Result] as const]
        : [],
    ),
  );
}

/** Runs steps one after the other and returns their results as an array. */
export function sequence(steps: readonly SdkAction[]): ScriptedOrchestrator {
  return ({ history }) => {
    const results = resultsOf(history);
    const done = [...results.keys()].length;
    const isDone = done === steps.length;
    return answered(steps.slice(0, done + 1), {
      isDone,
      ...(isDone ? { output: `[${[...results.values()].join(',')}]` } : {}),
    });
  };
}

/** Runs all steps at once and returns how many answers there were. */
export function fanOut(steps: readonly SdkAction[]): ScriptedOrchestrator {
  return ({ history }) => {
    const done = resultsOf(history).size;
    const isDone = done === steps.length;
    return answered([{ kind: 'whenAll', children: steps }], {
      isDone,
      ...(isDone ? { output: String(done) } : {}),
    });
  };
}
