/** The task hub of an app in the official worker, with the functions that were kept for it, and the two doors to it. */
import { resolveAppSettings } from '../config/app-setting.ts';
import type { Config } from '../config/config.ts';
import { checkMayStart } from '../engine/function-directory.ts';
import type { FunctionDirectory } from '../engine/function-invoker.ts';
import type { TaskHubWorker } from '../engine/task-hub-worker.ts';
import { describeThrown } from '../function-app/failure-text.ts';
import type { DurableClientBinding } from '../function-app/durable-client-input.ts';
import type { BindingInfo } from '../function-app/function-declaration.ts';
import type { FunctionApp, FunctionProblem } from '../function-app/function-app.ts';
import { readBinding } from '../function-app/loading/function-registry.ts';
import { openRegisteredApp } from '../function-app/registered-app.ts';
import type { FetchHandler } from '../http/responses.ts';
import type { RpcListener } from '../http/rpc-listener.ts';
import { behindSecretPath } from '../http/secret-path.ts';
import { invokerOf } from '../hub/app-invoker.ts';
import { hangDoorbell, withDoorbell } from '../hub/doorbell-address.ts';
import { createBindings } from '../hub/bindings.ts';
import { durableClientOf } from '../hub/durable-client.ts';
import { createRpcDoor } from '../hub/rpc-door.ts';
import { type HubOfApp, openWorkingHub } from '../hub/working-hub.ts';
import { text } from '../telemetry/log-events.ts';
import { InstanceLog } from '../telemetry/instance-log.ts';
import type { Logger } from '../telemetry/log.ts';
import type { AppLife } from './interception.ts';
import { PACKAGE } from './package.ts';
import { DEFAULT_URL } from './public-address.ts';
import { createPublicDoor, openDoorKeys, publicUrls } from './public-door.ts';

export interface OpenHub {
  /** Not started. */
  readonly worker: TaskHubWorker;
  /** For functions that the host runs. */
  readonly client: DurableClientBinding;
  readonly doors: {
    /** Of the loopback port. */
    readonly rpc: FetchHandler;
    /** For the management function. */
    readonly public: FetchHandler;
  };
}

export interface OpenHubOptions {
  readonly config: Config;
  readonly life: AppLife;
  readonly log: Logger;
  /** undefined: clients of the app go by the public door. */
  readonly rpc: WorkerRpc | undefined;
}

/** The loopback port: for this process, whose clients know the secret, and for the bells of the other workers. */
export interface WorkerRpc {
  readonly listener: RpcListener;
  /** First segment of all paths but the doorbell's. */
  readonly secret: string;
  /** For the app's clients. */
  readonly baseUrl: string;
}

/** @throws {BackendUnavailableError} one line that names the hub and the storage account. */
export async function openHub(options: OpenHubOptions): Promise<OpenHub> {
  const { config, life, rpc } = options;
  const log = new InstanceLog({ next: options.log });
  const opened = await openWorkingHub(
    config,
    async (hubOfApp) => {
      const keys = await openDoorKeys(config, log);
      const urls = () => publicUrls(config, keys);
      return { urls, keys, ...openApp({ ...options, log, hubOfApp, urls }) };
    },
    log,
  );
  const { urls, keys, client, app } = opened.app;
  const problems = [...app.problems, ...clientProblems(life, client)];
  for (const { functionName, reason } of problems) {
    text(log, 'error', 'Host.Startup', `The '${functionName}' function is in error: ${reason}`);
  }
  const { worker, doorbell, managementApp } = opened;
  // The public port is the host's, and all workers of the app are behind it.
  hangDoorbell(doorbell, { config, rpc: rpc?.listener, hasPublicPort: false });
  const clients = createRpcDoor({ config, urls: urls(), url: DEFAULT_URL, managementApp });
  return {
    worker,
    client,
    doors: {
      rpc: withDoorbell(doorbell, rpc ? behindSecretPath(clients, rpc.secret) : clients),
      public: createPublicDoor({ config, urls: urls(), keys, managementApp, instanceLog: log }),
    },
  };
}

function openApp(
  options: OpenHubOptions & {
    readonly hubOfApp: HubOfApp;
    readonly urls: () => ReturnType<typeof publicUrls>;
  },
) {
  const { config, life, log, hubOfApp, urls, rpc } = options;
  const loaded: { functions?: FunctionDirectory } = {};
  const resolveSetting = (value: string) => resolveAppSettings(value, config.environment);
  const client = withSettings(
    durableClientOf({
      config,
      hubs: hubOfApp.hubs,
      url: DEFAULT_URL,
      urls,
      rpcBaseUrl: () => rpc?.baseUrl,
      checkStart: (name) => {
        if (loaded.functions) checkMayStart(loaded.functions, name);
      },
    }),
    resolveSetting,
  );
  const app: FunctionApp = openRegisteredApp({
    functions: [...life.functions.values()],
    model: life.model,
    hooks: life.hooks,
    scriptRoot: config.scriptRoot,
    environment: config.environment,
    functionsAllowList: config.functionsAllowList,
    functionTimeoutMs: config.functionTimeoutMs,
    bindings: [client, ...createBindings(config).extensions],
    log,
    resolveSetting,
  });
  const invoker = invokerOf(app, config, { log, version: PACKAGE.version });
  loaded.functions = invoker.functions;
  return { app, invoker, client };
}

/** For bindings as they were declared: functions that the host runs are known by those alone. */
function withSettings(
  client: DurableClientBinding,
  resolveSetting: (text: string) => string,
): DurableClientBinding {
  const resolved = (binding: BindingInfo) => readBinding(binding, resolveSetting);
  return {
    types: client.types,
    supports: (binding) => client.supports(resolved(binding)),
    read: async (binding) => await client.read(resolved(binding)),
    write: async (binding, value) => {
      await client.write(resolved(binding), value);
    },
  };
}

function clientProblems({ clients }: AppLife, client: DurableClientBinding): FunctionProblem[] {
  return [...clients.all()].flatMap(({ functionName, binding }) => {
    const reason = problemOf(binding, client);
    return reason === undefined ? [] : [{ functionName, reason }];
  });
}

function problemOf(binding: BindingInfo, client: DurableClientBinding): string | undefined {
  try {
    const problem = client.supports(binding);
    return problem && `The binding '${binding.name}': ${problem}`;
  } catch (error) {
    return describeThrown(error).message;
  }
}
