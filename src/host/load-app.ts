/** Loads the function app with everything its bindings need from the host, and makes the engine's way to it. */
import { resolveAppSettings } from '../config/app-setting.ts';
import type { Config } from '../config/config.ts';
import { NotSupportedError } from '../core/errors.ts';
import type { FunctionInvoker } from '../engine/function-invoker.ts';
import type { TaskHubClient } from '../engine/task-hub-client.ts';
import { createAppInvoker } from '../function-app/app-invoker.ts';
import type { BindingExtension } from '../function-app/binding-extension.ts';
import { durableClientBinding } from '../function-app/durable-client-input.ts';
import { managedIdentityTokens } from '../function-app/durable-http/managed-identity.ts';
import { withHttpActivity } from '../function-app/durable-http/with-http-activity.ts';
import type { BindingInfo, FunctionApp } from '../function-app/function-app.ts';
import { loadFunctionApp } from '../function-app/load-app.ts';
import { durableClientInput } from '../http/management/management-urls.ts';
import { text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import { isOwnHub, managementUrlOptions } from './management-address.ts';

export interface LoadAppSurroundings {
  readonly client: TaskHubClient;
  readonly log: Logger;
  /** Of the package. */
  readonly version: string;
  /** `http://localhost:7071` */
  readonly url: string;
  /** Asked at each run of a function; undefined when there is no RPC endpoint. */
  readonly rpcBaseUrl: () => string | undefined;
}

export interface LoadedHostApp {
  readonly app: FunctionApp;
  readonly invoker: FunctionInvoker;
}

/** The limits of DurableTask.AzureStorage (MaximumTimerInterval): longer timers are split by the SDK. */
const TIMER_LIMITS = {
  maximumShortTimerDuration: '6.00:00:00',
  longRunningTimerIntervalDuration: '3.00:00:00',
};

/** @throws {DurableError} `CONFIG`, when the app refuses to start. */
export async function loadApp(config: Config, around: LoadAppSurroundings): Promise<LoadedHostApp> {
  const { functionsAllowList } = config;
  const app = await loadFunctionApp({
    scriptRoot: config.scriptRoot,
    environment: process.env,
    functionsAllowList,
    functionTimeoutMs: config.functionTimeoutMs,
    orchestratorCodeChecks: config.durableTask.orchestratorCodeChecks,
    log: around.log,
    bindings: [durableClient(config, around)],
    resolveSetting: (value) => resolveAppSettings(value, config.environment),
  });
  reportUnknownNames(functionsAllowList ?? [], app, around.log);
  const settings = {
    ...TIMER_LIMITS,
    defaultHttpAsyncRequestSleepTimeMs:
      config.durableTask.httpSettings.defaultAsyncRequestSleepTimeMs,
  };
  const invoker = withHttpActivity(createAppInvoker({ app, settings }), {
    log: around.log,
    tokens: managedIdentityTokens([config.scriptRoot, import.meta.dirname]),
    userAgent: `durable-functions-extension/${around.version}`,
  });
  return { app, invoker };
}

function durableClient(config: Config, around: LoadAppSurroundings): BindingExtension {
  return durableClientBinding({
    clientData: (binding) => {
      refuseOtherHubs(binding, config);
      return durableClientInput({
        origin: around.url,
        urls: managementUrlOptions(config),
        rpcBaseUrl: around.rpcBaseUrl(),
      });
    },
    start: async ({ functionName, input, instanceId }) => {
      await around.client.start({
        name: functionName,
        input,
        ...(instanceId !== undefined && { instanceId }),
      });
    },
  });
}

/** @throws {NotSupportedError} */
function refuseOtherHubs(binding: BindingInfo, config: Config): void {
  const taskHub = textOf(binding['taskHub']);
  const connection = textOf(binding['connectionName']) ?? textOf(binding['connection']);
  const asked = { ...(taskHub && { taskHub }), ...(connection && { connection }) };
  if (isOwnHub(asked, config)) return;
  const names = [taskHub && `taskHub '${taskHub}'`, connection && `connection '${connection}'`];
  throw new NotSupportedError(
    `The binding '${binding.name}' asks for ${names.filter(Boolean).join(' and ')}, but this host serves the task hub '${config.durableTask.hubName}' only. Remove these properties, or call the management API of the host of that hub.`,
  );
}

function textOf(value: unknown): string | undefined {
  return typeof value === 'string' && value !== '' ? value : undefined;
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
