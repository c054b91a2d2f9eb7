/**
 * Loads the user's function app into this process and puts the surroundings of the Node worker in place for it: the core module,
 * the console, and who answers for errors that nobody handles. `app-loader.ts` does the loading.
 */
import {
  AppLoader,
  type DeclareAppOptions,
  type DeclaredFunction,
  type LoadAppOptions,
} from './loading/app-loader.ts';
import { AppSession } from './loading/app-session.ts';
import type { BindingExtension } from './binding-extension.ts';
import { watchEventLoop } from './runs/blocked-loop.ts';
import { captureConsole } from './runs/console-capture.ts';
import type { FunctionApp } from './function-app.ts';
import { FunctionRunScope, runInScope } from './runs/function-run.ts';
import { installFunctionsCore } from './loading/functions-core.ts';
import { Hooks } from './hooks.ts';
import { LoadedApp } from './loaded-app.ts';
import { guardUncaughtExceptions } from './runs/uncaught-exceptions.ts';
import { guardUnhandledRejections } from './runs/unhandled-rejections.ts';
import { OrchestratorCodeChecks } from './orchestrator-code/code-checks.ts';
import { unwatched } from './orchestrator-code/api-watch.ts';
import { UserLog } from './runs/user-log.ts';

export type { DeclareAppOptions, DeclaredFunction, LoadAppOptions };

/** An app whose code has run, so that it is known which functions it has; none of them runs before they are bound. */
export interface DeclaredApp {
  /** Those that `functionsAllowList` allows; among them may be some that cannot run here. */
  readonly functions: readonly DeclaredFunction[];
  /** Makes functions of them that run, with what the host has for their bindings. Called once; what fails, ends the app. */
  bind(bindings: readonly BindingExtension[]): Promise<FunctionApp>;
  /** Takes the surroundings away again, of an app that was not bound. */
  dispose(): void;
}

/** @throws {DurableError} `CONFIG`, when an appStart hook of the app fails. */
export async function loadFunctionApp(options: LoadAppOptions): Promise<FunctionApp> {
  const declared = await declareFunctionApp(options);
  return await declared.bind(options.bindings);
}

/**
 * The first half of loading, for who has to know the functions of the app before he can say what their bindings are.
 * @throws {DurableError} `CONFIG`, when an appStart hook of the app fails.
 */
export async function declareFunctionApp(options: DeclareAppOptions): Promise<DeclaredApp> {
  const hooks = new Hooks();
  const userLog = new UserLog(options.log, hooks);
  const session = new AppSession(hooks, userLog);
  const codeChecks = new OrchestratorCodeChecks({
    mode: options.orchestratorCodeChecks ?? 'off',
    log: options.log,
    scriptRoot: options.scriptRoot,
  });
  const releases = [
    installFunctionsCore(session),
    guardUnhandledRejections(options.log),
    guardUncaughtExceptions(),
    watchEventLoop(options.log),
    captureConsole((scope, level, message) => {
      if (scope.isSilent) return;
      const functionName = scope.functionName === '' ? undefined : scope.functionName;
      unwatched(() => {
        options.log.write({
          level,
          category:
            functionName === undefined ? 'Host.Function.Console' : `Function.${functionName}.User`,
          message,
          eventId: 0,
          fields:
            functionName === undefined
              ? {}
              : { functionName, invocationId: scope.invocationId, instanceId: scope.instanceId },
        });
      });
    }),
    () => {
      codeChecks.dispose();
    },
  ];
  const release = (): void => {
    for (const undo of releases.splice(0)) undo();
  };
  const scope = new FunctionRunScope('', '');
  const loader = new AppLoader(options, session);
  const orRelease = async <Result>(load: () => Promise<Result>): Promise<Result> => {
    try {
      return await runInScope(scope, load);
    } catch (error) {
      release();
      throw error;
    }
  };
  return {
    functions: await orRelease(() => loader.declare()),
    bind: async (bindings) =>
      new LoadedApp({
        ...(await orRelease(() => loader.bind(bindings))),
        hooks,
        userLog,
        bindingExtensions: bindings,
        codeChecks,
        log: options.log,
        functionTimeoutMs: options.functionTimeoutMs,
        release,
      }),
    dispose: release,
  };
}
