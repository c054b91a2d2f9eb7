/**
 * The composition root: configuration → storage → app → worker → doors. What it starts stops in reverse order. No rules live
 * here; whoever wants to know what the product consists of reads `start`.
 */
import type { Config } from '../config/config.ts';
import type { LifecycleNotifications } from '../engine/lifecycle-notifications.ts';
import { createTaskHubWorker, type TaskHubWorkerSettings } from '../engine/task-hub-worker.ts';
import type { FunctionApp, FunctionProblem } from '../function-app/function-app.ts';
import { functionAccess } from '../http/auth.ts';
import { listenForRpc, type RpcListener } from '../http/rpc-listener.ts';
import { text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import { createHttpTriggerHandler, type HttpTriggerHandler } from '../triggers/http-trigger.ts';
import { AppHubs } from './app-hubs.ts';
import { ambient, createClient } from './client.ts';
import { createBindings } from './bindings.ts';
import { createDoors, problemText } from './doors.ts';
import { applyEnvironment } from './environment.ts';
import { EventGridNotifications } from './event-grid/event-grid-notifications.ts';
import { findEventGridTopic } from './event-grid/event-grid-topic.ts';
import { summarize, type FunctionSummary } from './function-summary.ts';
import { isLoopback, openKeys, type HostKeys } from './keys/host-keys.ts';
import { loadApp } from './load-app.ts';
import { otherHubOpener } from './other-hub.ts';
import { openPublicPort } from './public-port.ts';
import { hubWaits } from './reload/hub-waits.ts';
import { createBackend, createHub, startMissingEmulator, type StartEmulator } from './storage.ts';
import { Teardown } from './teardown.ts';
import { createTimers } from './timers.ts';
import { guardAgainstUserCode } from './user-code-guard.ts';

export interface HostOptions {
  readonly config: Config;
  /** Of the package; the admin API tells it. */
  readonly version: string;
  /** 0 takes any free port. */
  readonly port: number;
  /** @default '127.0.0.1' */
  readonly address?: string;
  /** Asks callers for keys; always so when the address is not of this machine alone. @default false */
  readonly enableAuth?: boolean | undefined;
  readonly log: Logger;
  /** Takes lines that people should see whatever the log shows. */
  readonly say: (line: string) => void;
  /** @default as a child of this process */
  readonly startEmulator?: StartEmulator | undefined;
  /**
   * What could not be loaded before the app was changed, by name: see `hubWaits`. @default this is the first host
   */
  readonly knownBroken?: readonly string[] | undefined;
}

export interface Host {
  /** `http://localhost:7071` */
  readonly url: string;
  /** Those that run, and those that are disabled. */
  readonly functions: readonly FunctionSummary[];
  /** What could not be loaded, by name. */
  readonly broken: readonly string[];
  /** False when the hub is left alone, see `knownBroken`. */
  readonly isWorking: boolean;
  /** Resolves with the reason when something dies that the host cannot go on without. */
  readonly failed: Promise<Error>;
  /** Stops receiving, finishes what runs, releases. When `abort` fires, what still runs is left to the next host. */
  stop(abort: AbortSignal): Promise<void>;
}

const DEFAULT_ADDRESS = '127.0.0.1';
const HUB_LEFT_ALONE = 'The instances of the task hub wait until what cannot be loaded is mended.';

/** @throws {DurableError} whose message is one line that names what could not be started; nothing is left running. */
export async function startHost(options: HostOptions): Promise<Host> {
  const teardown = new Teardown(options.log);
  try {
    return await start(options, teardown);
  } catch (error) {
    await teardown.run();
    throw error;
  }
}

async function start(options: HostOptions, teardown: Teardown): Promise<Host> {
  const { config, log } = options;
  const { address: hostname } = options;
  const notifications = createNotifications(config, log);
  const door = await openPublicPort({ port: options.port, ...(hostname && { hostname }) });
  teardown.add('public port', () => door.close());
  const { url } = door;
  const stopping = new AbortController();
  applyEnvironment(config, door.port);

  const emulator = await startMissingEmulator(config, options.say, options.startEmulator);
  if (emulator !== undefined) teardown.add('storage emulator', () => emulator.stop());
  const backend = createBackend(config, log);
  await createHub(backend, config);
  const client = createClient(backend, config, log);
  const keys = await keysFor(options, url);
  const hubs = new AppHubs({ config, client, openOther: otherHubOpener(config, log) });

  const guard = guardAgainstUserCode(log);
  teardown.add('guard around user code', () => {
    guard.dispose();
  });
  const bindings = createBindings(config);
  let rpc: RpcListener | undefined;
  const { app, invoker } = await loadApp(config, {
    hubs,
    bindings: bindings.extensions,
    log,
    version: options.version,
    url,
    rpcBaseUrl: () => rpc?.baseUrl,
    keys,
  });
  guard.watch(app);
  teardown.add('function app', () => app.dispose());
  const http = createHttp({ config, app, keys, log });
  const timers = createTimers(config, app, log);
  const queueTriggers = bindings.queueTriggers(app, log);
  const problems = [app, http, timers, queueTriggers].flatMap((part) => part.problems);
  reportProblems(problems, log);
  const functions = summarize(app.functions, { endpoints: http.endpoints, problems, url });
  const found = { http, functions, problems };
  const doors = createDoors({ ...options, ...found, hubs, app, invoker, keys, url });

  if (config.durableTask.localRpcEndpointEnabled) {
    const listener = await listenForRpc(doors.rpc);
    teardown.add('RPC endpoint', () => listener.close(stopping.signal));
    rpc = listener;
  }
  const settings = workerSettings(config);
  const worker = createTaskHubWorker({ backend, invoker, ambient, log, notifications, settings });
  teardown.add('task hub worker', () => worker.stop({ abort: stopping.signal }));
  const broken = app.problems.map(({ functionName }) => functionName);
  const { knownBroken } = options;
  const isWorking = !hubWaits({ broken, knownBroken, functions: invoker.functions });
  if (isWorking) await worker.start();
  else text(log, 'warning', 'Host.Startup', HUB_LEFT_ALONE);
  door.serve(doors.public);
  teardown.add('HTTP server', () => door.close(stopping.signal));
  teardown.add('timers', () => timers.stop());
  await timers.start();
  teardown.add('queue triggers', () => queueTriggers.stop(stopping.signal));
  queueTriggers.start();

  return {
    url,
    functions,
    broken,
    isWorking,
    failed: emulator?.died ?? new Promise(() => undefined),
    stop: async (abort) => {
      if (abort.aborted) stopping.abort(abort.reason);
      abort.addEventListener('abort', () => {
        stopping.abort(abort.reason);
      });
      await teardown.run();
    },
  };
}

/** undefined when nobody wants to be told. @throws {ConfigError} */
function createNotifications(config: Config, log: Logger): LifecycleNotifications | undefined {
  const topic = findEventGridTopic(config);
  const taskHub = config.durableTask.hubName;
  return topic && new EventGridNotifications({ topic, taskHub, log });
}

async function keysFor(options: HostOptions, url: string): Promise<HostKeys | undefined> {
  const { address = DEFAULT_ADDRESS, config, log } = options;
  const isPublic = !isLoopback(address);
  if (!isPublic && options.enableAuth !== true) return undefined;
  const keys = await openKeys(config, { hostName: new URL(url).host, log });
  const reason = isPublic ? `, as others than this machine can call ${address}` : '';
  options.say(`Keys are required${reason}; they are in ${keys.place}`);
  return keys;
}

function createHttp(around: {
  readonly config: Config;
  readonly app: FunctionApp;
  readonly keys: HostKeys | undefined;
  readonly log: Logger;
}): HttpTriggerHandler {
  const { config, app, keys, log } = around;
  return createHttpTriggerHandler({
    ...(keys && { authorize: functionAccess(keys.ring) }),
    app,
    routePrefix: config.http.routePrefix,
    customHeaders: config.http.customHeaders,
    log,
  });
}

function workerSettings({ durableTask }: Config): TaskHubWorkerSettings {
  return {
    taskHub: durableTask.hubName,
    maxConcurrentActivities: durableTask.maxConcurrentActivityFunctions,
    maxConcurrentOrchestrations: durableTask.maxConcurrentOrchestratorFunctions,
    commitWindowMs: durableTask.commitWindowMs,
    waitForOpenTimers: durableTask.waitForOpenTimers,
    replaysAlways: durableTask.orchestratorCodeChecks === 'error',
    sessionCacheBytes: durableTask.sessionCacheMegabytes * 1024 * 1024,
    maxOrchestrationActions: durableTask.maxOrchestrationActions,
    defaultHttpPauseMs: durableTask.httpSettings.defaultAsyncRequestSleepTimeMs,
    maxEntityOperationBatchSize: durableTask.maxEntityOperationBatchSize,
    rollbackEntityOperations: durableTask.rollbackEntityOperationsOnExceptions,
    entityMessageReorderWindowMs: durableTask.entityMessageReorderWindowInMinutes * 60_000,
    ...(durableTask.defaultVersion !== undefined && {
      versioning: {
        appVersion: durableTask.defaultVersion,
        match: durableTask.versionMatchStrategy,
        failure: durableTask.versionFailureStrategy,
      },
    }),
  };
}

function reportProblems(problems: readonly FunctionProblem[], log: Logger): void {
  for (const { functionName, reason } of problems) {
    text(log, 'error', 'Host.Startup', problemText(functionName, reason));
  }
}
