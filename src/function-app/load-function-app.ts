/**
 * Loads the user's function app into this process and puts the surroundings of the Node worker in place for it: the core module,
 * the console, and who answers for errors that nobody handles. `app-loader.ts` does the loading.
 */
import { AppLoader, type LoadAppOptions } from './app-loader.ts';
import { AppSession } from './app-session.ts';
import { watchEventLoop } from './blocked-loop.ts';
import { captureConsole } from './console-capture.ts';
import type { FunctionApp } from './function-app.ts';
import { FunctionRunScope, runInScope } from './function-run.ts';
import { installFunctionsCore } from './functions-core.ts';
import { Hooks } from './hooks.ts';
import { LoadedApp } from './loaded-app.ts';
import { guardUncaughtExceptions } from './uncaught-exceptions.ts';
import { guardUnhandledRejections } from './unhandled-rejections.ts';
import { OrchestratorCodeChecks } from './orchestrator-code/code-checks.ts';
import { unwatched } from './orchestrator-code/api-watch.ts';
import { UserLog } from './user-log.ts';

export type { LoadAppOptions };

/** @throws {DurableError} `CONFIG`, when an appStart hook of the app fails. */
export async function loadFunctionApp(options: LoadAppOptions): Promise<FunctionApp> {
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
      const functionName = scope.functionName === '' ? undefined : scope.functionName;
      unwatched(() => {
        options.log.write({
          level,
          category:
            functionName === undefined ? 'Host.Function.Console' : `Function.${functionName}.User`,
          message,
          eventId: 0,
          fields:
            functionName === undefined ? {} : { functionName, invocationId: scope.invocationId },
        });
      });
    }),
    () => {
      codeChecks.dispose();
    },
  ];
  const release = (): void => {
    for (const undo of releases) undo();
  };
  try {
    const scope = new FunctionRunScope('', '');
    const loaded = await runInScope(scope, () => new AppLoader(options, session).load());
    return new LoadedApp({
      ...loaded,
      hooks,
      userLog,
      bindingExtensions: options.bindings,
      codeChecks,
      log: options.log,
      functionTimeoutMs: options.functionTimeoutMs,
      release,
    });
  } catch (error) {
    release();
    throw error;
  }
}
