/** The engine's way to the durable functions of a loaded app. Implements the port FunctionInvoker. */
import { isDisabled } from '../engine/function-directory.ts';
import type {
  ActivityInvocation,
  ActivityOutcome,
  EntityInvocation,
  EntityOutcome,
  FunctionDirectory,
  FunctionInvoker,
  OrchestrationRun,
  OrchestratorInvocation,
} from '../engine/function-invoker.ts';
import {
  activityFailure,
  activityInput,
  activityMetadata,
  activityOutcome,
  missingActivity,
} from './activity-trigger.ts';
import { entityOutcome, entityTriggerValue } from './entity-trigger.ts';
import { describeThrown } from './failure-text.ts';
import type { FunctionApp } from './function-app.ts';
import type { FunctionKind, LoadedFunction } from './function-declaration.ts';
import { rpcTraceContext } from './rpc-contexts.ts';
import { type Logger, silentLogger } from '../telemetry/log.ts';
import { noTracing, type Tracing } from '../telemetry/tracing.ts';
import { AppOrchestration, MissingOrchestrator } from './orchestrations/app-orchestration.ts';
import type { OrchestrationTriggerSettings } from './orchestrations/orchestration-trigger.ts';
import { FunctionTimeoutError } from './runs/time-limit.ts';
import { isUnavailable } from './unavailable.ts';

export interface AppInvokerOptions {
  readonly app: FunctionApp;
  readonly settings: OrchestrationTriggerSettings;
  /** Orchestrators are not started any more once it says true. @default never */
  readonly isShuttingDown?: () => boolean;
  /** @default nothing is logged */
  readonly log?: Logger;
  /** Has orchestrators run below their spans. @default they do not */
  readonly tracing?: Tracing;
}

export function createAppInvoker(options: AppInvokerOptions): FunctionInvoker {
  return new AppInvoker(options);
}

type DurableKind = Extract<FunctionKind, 'orchestrator' | 'activity' | 'entity'>;

/** The trigger's property that gives the function another name for durable callers. */
const NAME_PROPERTIES = {
  orchestrator: 'orchestration',
  activity: 'activity',
  entity: 'entityName',
} as const satisfies Readonly<Record<DurableKind, string>>;

class AppInvoker implements FunctionInvoker {
  readonly functions: FunctionDirectory;
  readonly #app: FunctionApp;
  readonly #settings: OrchestrationTriggerSettings;
  /** Orchestrators whose SDK cannot be fed. */
  readonly #replaying = new WeakSet<LoadedFunction>();
  readonly #isShuttingDown: () => boolean;
  readonly #log: Logger;
  readonly #tracing: Tracing;
  readonly #byName: Readonly<Record<DurableKind, ReadonlyMap<string, LoadedFunction>>>;

  constructor({
    app,
    settings,
    isShuttingDown = () => false,
    log = silentLogger,
    tracing = noTracing,
  }: AppInvokerOptions) {
    this.#log = log;
    this.#tracing = tracing;
    this.#app = app;
    this.#settings = settings;
    this.#isShuttingDown = isShuttingDown;
    const all = (kind: DurableKind): [string, LoadedFunction][] =>
      app.functions.filter((fn) => fn.kind === kind).map((fn) => [durableName(fn, kind), fn]);
    const byLowerName = (kind: DurableKind): ReadonlyMap<string, LoadedFunction> =>
      new Map(
        all(kind)
          .filter(([, fn]) => !fn.isDisabled)
          .map(([name, fn]) => [name.toLowerCase(), fn]),
      );
    const names = (kind: DurableKind): string[] => all(kind).map(([name]) => name);
    const disabled = (kind: DurableKind): string[] =>
      all(kind)
        .filter(([, fn]) => fn.isDisabled)
        .map(([name]) => name);
    this.functions = {
      orchestrators: names('orchestrator'),
      activities: names('activity'),
      entities: names('entity'),
      disabled: {
        orchestrators: disabled('orchestrator'),
        activities: disabled('activity'),
        entities: disabled('entity'),
      },
    };
    this.#byName = {
      orchestrator: byLowerName('orchestrator'),
      activity: byLowerName('activity'),
      entity: byLowerName('entity'),
    };
  }

  openOrchestration(invocation: OrchestratorInvocation): OrchestrationRun {
    const fn = this.#byName.orchestrator.get(invocation.functionName.toLowerCase());
    if (fn === undefined) return new MissingOrchestrator(invocation.functionName);
    return new AppOrchestration({
      app: this.#app,
      fn,
      invocation,
      settings: this.#settings,
      replaying: this.#replaying,
      isShuttingDown: this.#isShuttingDown,
      log: this.#log,
      tracing: this.#tracing,
    });
  }

  async runActivity(invocation: ActivityInvocation): Promise<ActivityOutcome> {
    const { functionName, instanceId } = invocation;
    const fn = this.#byName.activity.get(functionName.toLowerCase());
    if (fn === undefined) {
      const isOff = isDisabled(this.functions, 'activity', functionName);
      return missingActivity(functionName, isOff ? 'is disabled' : 'does not exist');
    }
    const value = activityInput(invocation.input);
    const end = await this.#app.call(fn, {
      triggerValue: value,
      triggerMetadata: activityMetadata(invocation, fn.trigger.name, value),
      traceContext: rpcTraceContext(invocation.trace),
      logFields: { instanceId },
    });
    if (end.kind === 'threw') return activityFailure(functionName, end.error);
    return activityOutcome(functionName, end.result, await end.finish());
  }

  async runEntity(invocation: EntityInvocation): Promise<EntityOutcome> {
    const { entityName, entityKey } = invocation;
    const fn = this.#byName.entity.get(entityName.toLowerCase());
    if (fn === undefined) {
      return { kind: 'failed', message: `Entity function '${entityName}' does not exist.` };
    }
    const end = await this.#app.call(fn, {
      triggerValue: entityTriggerValue(invocation),
      // In addition to the .NET extension's, which names the entity in `self` alone.
      triggerMetadata: {
        entityName: { json: JSON.stringify(entityName) },
        entityKey: { json: JSON.stringify(entityKey) },
      },
      traceContext: rpcTraceContext(invocation.trace),
      logFields: { instanceId: `@${entityName.toLowerCase()}@${entityKey}` },
    });
    if (end.kind === 'threw') {
      if (isUnavailable(end.error)) throw end.error;
      const { message } = describeThrown(end.error);
      return {
        kind: 'failed',
        message,
        mayPassOneByOne: end.error instanceof FunctionTimeoutError,
      };
    }
    // Before the state is stored, as the messages of a step: after a crash between the two the batch runs again.
    try {
      await end.writeOutputs();
    } catch (error) {
      if (isUnavailable(error)) throw error;
      return { kind: 'failed', message: describeThrown(error).message };
    }
    return entityOutcome(invocation, end.result);
  }
}

function durableName(fn: LoadedFunction, kind: DurableKind): string {
  const name = fn.trigger[NAME_PROPERTIES[kind]];
  return typeof name === 'string' && name !== '' ? name : fn.name;
}
