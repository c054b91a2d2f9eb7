/**
 * A function app that another worker has loaded: its functions are there already, registered with their code, and so are its hooks.
 * Nothing is put into the process; what that worker does for the functions that it runs itself (the console, errors that nobody
 * handles) it does for these, too.
 */
import type { Logger } from '../telemetry/log.ts';
import type { BindingExtension } from './binding-extension.ts';
import { describeThrown } from './failure-text.ts';
import type { FunctionApp, FunctionProblem } from './function-app.ts';
import { isDisabledBySetting, toLoadedFunction } from './loading/function-registry.ts';
import type { Hooks } from './hooks.ts';
import type { RunnableFunction } from './runs/invoke.ts';
import { LoadedApp } from './loaded-app.ts';
import { OrchestratorCodeChecks } from './orchestrator-code/code-checks.ts';
import type { FunctionCallback, FunctionMetadata, ProgrammingModel } from './programming-model.ts';
import { modelKind, refuseSecond, runnableOf } from './runs/runnable.ts';
import { UserLog } from './runs/user-log.ts';

export interface RegisteredFunction {
  readonly metadata: FunctionMetadata;
  readonly callback: FunctionCallback;
}

export interface RegisteredAppOptions {
  readonly functions: readonly RegisteredFunction[];
  /** That all of them are called by. */
  readonly model: ProgrammingModel;
  /** Of the app; only those around invocations, and those of the log, are used. */
  readonly hooks: Hooks;
  /** Absolute path of the folder with host.json. */
  readonly scriptRoot: string;
  /** App settings. */
  readonly environment: Readonly<Record<string, string | undefined>>;
  /** `functions` of host.json: only these run. @default all */
  readonly functionsAllowList?: readonly string[] | undefined;
  /** How long a function may run. @default no limit */
  readonly functionTimeoutMs?: number | undefined;
  readonly bindings: readonly BindingExtension[];
  readonly log: Logger;
  /** Replaces `%NAME%` in a text of a binding. @throws {Error} when there is no such setting. */
  resolveSetting(text: string): string;
}

export function openRegisteredApp(options: RegisteredAppOptions): FunctionApp {
  const { functionsAllowList, hooks, log, scriptRoot } = options;
  const runnables: RunnableFunction[] = [];
  const problems: FunctionProblem[] = [];
  for (const registered of options.functions) {
    const { name } = registered.metadata;
    const isAllowed =
      functionsAllowList?.some((allowed) => allowed.toLowerCase() === name.toLowerCase()) ?? true;
    if (!isAllowed) continue;
    try {
      refuseSecond(name, runnables);
      runnables.push(toRunnable(registered, options));
    } catch (error) {
      problems.push({ functionName: name, reason: describeThrown(error).message });
    }
  }
  return new LoadedApp({
    runnables,
    problems,
    capabilities: {},
    hooks,
    userLog: new UserLog(log, hooks),
    bindingExtensions: options.bindings,
    // Watching what orchestrators call would replace the clock and others of the process.
    codeChecks: new OrchestratorCodeChecks({ mode: 'off', log, scriptRoot }),
    log,
    functionTimeoutMs: options.functionTimeoutMs,
    release: () => undefined,
  });
}

function toRunnable(
  { metadata, callback }: RegisteredFunction,
  options: RegisteredAppOptions,
): RunnableFunction {
  const { model, scriptRoot, environment } = options;
  const { name, functionId = name, bindings, directory, retryOptions } = metadata;
  const fn = toLoadedFunction(
    {
      name,
      functionId,
      bindings: Object.entries(bindings).map(([key, binding]) => ({ ...binding, name: key })),
      model: modelKind(model),
      directory: typeof directory === 'string' ? directory : scriptRoot,
      scriptFile: 'unknown',
      isDisabled: isDisabledBySetting(name, environment),
      retry: retryOptions,
    },
    {
      bindingExtensions: options.bindings,
      resolveSetting: (value) => options.resolveSetting(value),
    },
  );
  return runnableOf(fn, callback, model);
}
