/** Loads the function app, binds it to everything it needs from the host, and makes the engine's way to it. */
import { resolveAppSettings } from '../config/app-setting.ts';
import type { Config } from '../config/config.ts';
import { checkMayStart } from '../engine/function-directory.ts';
import type { FunctionDirectory, FunctionInvoker } from '../engine/function-invoker.ts';
import type { BindingExtension } from '../function-app/binding-extension.ts';
import type { FunctionApp } from '../function-app/function-app.ts';
import { declareFunctionApp, type DeclaredApp } from '../function-app/load-function-app.ts';
import { invokerOf } from '../hub/app-invoker.ts';
import { durableClientOf } from '../hub/durable-client.ts';
import { managementUrlOptions } from '../hub/management-address.ts';
import { text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import type { HubOfApp } from '../hub/working-hub.ts';
import type { HostKeys } from '../hub/keys/host-keys.ts';

export interface AppSurroundings extends HubOfApp {
  /** Beside those to the task hub. */
  readonly bindings: readonly BindingExtension[];
  readonly log: Logger;
  /** Of the package. */
  readonly version: string;
  /** `http://localhost:7071` */
  readonly url: string;
  /** Asked at each run of a function; undefined when there is no RPC endpoint. */
  readonly rpcBaseUrl: () => string | undefined;
  /** undefined: everything is open. */
  readonly keys: HostKeys | undefined;
}

export interface LoadedHostApp {
  readonly app: FunctionApp;
  readonly invoker: FunctionInvoker;
}

/**
 * Runs the code of the app, so that it is known which functions it has.
 * @throws {DurableError} `CONFIG`, when the app refuses to start.
 */
export async function declareApp(config: Config, log: Logger): Promise<DeclaredApp> {
  return await declareFunctionApp({
    scriptRoot: config.scriptRoot,
    environment: process.env,
    functionsAllowList: config.functionsAllowList,
    functionTimeoutMs: config.functionTimeoutMs,
    orchestratorCodeChecks: config.durableTask.orchestratorCodeChecks,
    log,
    resolveSetting: (value) => resolveAppSettings(value, config.environment),
  });
}

/** Makes functions of what the app has declared that run on its hub. */
export async function bindApp(
  declared: DeclaredApp,
  config: Config,
  around: AppSurroundings,
): Promise<LoadedHostApp> {
  const loaded: { functions?: FunctionDirectory } = {};
  const checkStart = (name: string): void => {
    if (loaded.functions) checkMayStart(loaded.functions, name);
  };
  const urls = () => managementUrlOptions(config, around.keys);
  const client = durableClientOf({ ...around, config, urls, checkStart });
  const app = await declared.bind([client, ...around.bindings]);
  reportUnknownNames(config.functionsAllowList ?? [], app, around.log);
  const invoker = invokerOf(app, config, around);
  loaded.functions = invoker.functions;
  return { app, invoker };
}

function reportUnknownNames(allowList: readonly string[], app: FunctionApp, log: Logger): void {
  const known = [
    ...app.functions.map(({ name }) => name),
    ...app.problems.map(({ functionName }) => functionName),
  ].map((name) => name.toLowerCase());
  for (const name of allowList.filter((each) => !known.includes(each.toLowerCase()))) {
    text(log, 'warning', 'Host.Startup', `There is no function '${name}' to load.`);
  }
}
