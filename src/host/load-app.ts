/** Loads the function app with everything its bindings need from the host, and makes the engine's way to it. */
import { resolveAppSettings } from '../config/app-setting.ts';
import type { Config } from '../config/config.ts';
import { checkMayStart } from '../engine/function-directory.ts';
import type { FunctionDirectory, FunctionInvoker } from '../engine/function-invoker.ts';
import { createAppInvoker } from '../function-app/app-invoker.ts';
import type { BindingExtension } from '../function-app/binding-extension.ts';
import { durableClientBinding } from '../function-app/durable-client-input.ts';
import { managedIdentityTokens } from '../function-app/durable-http/managed-identity.ts';
import { withHttpActivity } from '../function-app/durable-http/with-http-activity.ts';
import type { BindingInfo, FunctionApp } from '../function-app/function-app.ts';
import { loadFunctionApp } from '../function-app/load-function-app.ts';
import { durableClientInput } from '../http/management/management-urls.ts';
import { text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import { hubBaseUrl } from './hub-path.ts';
import type { HubOfApp } from './hub/working-hub.ts';
import type { HostKeys } from './keys/host-keys.ts';
import { linkOrigin, managementUrlOptions, type HubAddress } from './management-address.ts';

export interface LoadAppSurroundings extends HubOfApp {
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

/** @throws {DurableError} `CONFIG`, when the app refuses to start. */
export async function loadApp(config: Config, around: LoadAppSurroundings): Promise<LoadedHostApp> {
  const { functionsAllowList } = config;
  const loaded: { functions?: FunctionDirectory } = {};
  const checkStart = (name: string): void => {
    if (loaded.functions) checkMayStart(loaded.functions, name);
  };
  const app = await loadFunctionApp({
    scriptRoot: config.scriptRoot,
    environment: process.env,
    functionsAllowList,
    functionTimeoutMs: config.functionTimeoutMs,
    orchestratorCodeChecks: config.durableTask.orchestratorCodeChecks,
    log: around.log,
    bindings: [durableClient(config, around, checkStart), ...around.bindings],
    resolveSetting: (value) => resolveAppSettings(value, config.environment),
  });
  reportUnknownNames(functionsAllowList ?? [], app, around.log);
  const settings = {
    defaultHttpAsyncRequestSleepTimeMs:
      config.durableTask.httpSettings.defaultAsyncRequestSleepTimeMs,
  };
  const invoker = withHttpActivity(createAppInvoker({ app, settings, log: around.log }), {
    log: around.log,
    tokens: managedIdentityTokens([config.scriptRoot, import.meta.dirname]),
    userAgent: `durable-functions-extension/${around.version}`,
  });
  loaded.functions = invoker.functions;
  return { app, invoker };
}

function durableClient(
  config: Config,
  around: LoadAppSurroundings,
  checkStart: (functionName: string) => void,
): BindingExtension {
  return durableClientBinding({
    isLive: around.keys?.signedLinks !== undefined,
    clientData: (binding) => {
      const hub = addressOf(binding);
      around.hubs.admit(hub);
      const isOtherHub = !around.hubs.isOwn(hub);
      const rpcBaseUrl = around.rpcBaseUrl();
      return durableClientInput({
        origin: linkOrigin(config, around.url),
        urls: { ...managementUrlOptions(config, around.keys), ...(isOtherHub && hub) },
        rpcBaseUrl: rpcBaseUrl && isOtherHub ? hubBaseUrl(rpcBaseUrl, hub) : rpcBaseUrl,
        isOtherHub,
      });
    },
    start: async ({ functionName, input, instanceId }, binding) => {
      const hub = addressOf(binding);
      if (around.hubs.isOwn(hub)) checkStart(functionName);
      const client = await around.hubs.clientOfApp(hub);
      await client.start({
        name: functionName,
        input,
        ...(instanceId !== undefined && { instanceId }),
      });
    },
  });
}

/** The hub that a binding means; what is absent is the host's own. */
function addressOf(binding: BindingInfo): HubAddress {
  const taskHub = textOf(binding['taskHub']);
  const connection = textOf(binding['connectionName']) ?? textOf(binding['connection']);
  return { ...(taskHub && { taskHub }), ...(connection && { connection }) };
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
