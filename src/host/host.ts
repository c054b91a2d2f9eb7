/**
 * The composition root: configuration → storage → app → worker → doors. What it starts stops in reverse order. No rules live
 * here; whoever wants to know what the product consists of reads `start`.
 */
import type { Config } from '../config/config.ts';
import { createTaskHubWorker, type TaskHubWorkerSettings } from '../engine/task-hub-worker.ts';
import type { FunctionApp, FunctionProblem } from '../function-app/function-app.ts';
import { listenForRpc, type RpcListener } from '../http/rpc-listener.ts';
import { text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import { createHttpTriggerHandler, type HttpTriggerHandler } from '../triggers/http-trigger.ts';
import { ambient, createClient } from './client.ts';
import { createDoors, problemText } from './doors.ts';
import { applyEnvironment } from './environment.ts';
import { summarize, type FunctionSummary } from './function-summary.ts';
import { loadApp } from './load-app.ts';
import { openPublicPort } from './public-port.ts';
import { createBackend, createHub, startMissingEmulator } from './storage.ts';
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
  readonly log: Logger;
  /** Takes lines that people should see whatever the log shows. */
  readonly say: (line: string) => void;
}

export interface Host {
  /** `http://localhost:7071` */
  readonly url: string;
  /** Those that run, and those that are disabled. */
  readonly functions: readonly FunctionSummary[];
  /** Resolves with the reason when something dies that the host cannot go on without. */
  readonly failed: Promise<Error>;
  /** Stops receiving, finishes what runs, releases. When `abort` fires, what still runs is left to the next host. */
  stop(abort: AbortSignal): Promise<void>;
}

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
  const door = await openPublicPort({ port: options.port, ...(hostname && { hostname }) });
  teardown.add('public port', () => door.close());
  const { url } = door;
  applyEnvironment(config, door.port);

  const emulator = await startMissingEmulator(config, options.say);
  if (emulator !== undefined) teardown.add('storage emulator', () => emulator.stop());
  const backend = createBackend(config, log);
  await createHub(backend, config);
  const client = createClient(backend, config, log);

  const guard = guardAgainstUserCode(log);
  teardown.add('guard around user code', () => {
    guard.dispose();
  });
  let rpc: RpcListener | undefined;
  const { app, invoker } = await loadApp(config, {
    client,
    log,
    version: options.version,
    url,
    rpcBaseUrl: () => rpc?.baseUrl,
  });
  guard.watch(app);
  teardown.add('function app', () => app.dispose());
  const http = createHttp(config, app, log);
  const timers = createTimers(config, app, log);
  const problems = [...app.problems, ...http.problems, ...timers.problems];
  reportProblems(problems, log);
  const functions = summarize(app.functions, { endpoints: http.endpoints, problems, url });
  const doors = createDoors({ ...options, client, app, invoker, http, functions, problems, url });

  if (config.durableTask.localRpcEndpointEnabled) {
    const listener = await listenForRpc(doors.rpc);
    teardown.add('RPC endpoint', () => listener.close());
    rpc = listener;
  }
  const stopping = new AbortController();
  const settings = workerSettings(config);
  const worker = createTaskHubWorker({ backend, invoker, ambient, log, settings });
  teardown.add('task hub worker', () => worker.stop({ abort: stopping.signal }));
  await worker.start();
  door.serve(doors.public);
  teardown.add('HTTP server', () => door.close());
  teardown.add('timers', () => timers.stop());
  await timers.start();

  return {
    url,
    functions,
    failed: emulator?.died ?? new Promise(() => undefined),
    stop: async (abort) => {
      abort.addEventListener('abort', () => {
        stopping.abort(abort.reason);
      });
      await teardown.run();
    },
  };
}

function createHttp(config: Config, app: FunctionApp, log: Logger): HttpTriggerHandler {
  const { cors } = config.localHttp;
  return createHttpTriggerHandler({
    app,
    routePrefix: config.http.routePrefix,
    customHeaders: config.http.customHeaders,
    ...(cors && {
      cors: { origins: cors.allowedOrigins, allowCredentials: cors.allowCredentials },
    }),
    log,
  });
}

function workerSettings({ durableTask }: Config): TaskHubWorkerSettings {
  return {
    taskHub: durableTask.hubName,
    maxConcurrentActivities: durableTask.maxConcurrentActivityFunctions,
    maxConcurrentOrchestrations: durableTask.maxConcurrentOrchestratorFunctions,
    commitWindowMs: durableTask.commitWindowMs,
    sessionCacheBytes: durableTask.sessionCacheMegabytes * 1024 * 1024,
    maxOrchestrationActions: durableTask.maxOrchestrationActions,
    defaultHttpPauseMs: durableTask.httpSettings.defaultAsyncRequestSleepTimeMs,
    maxEntityOperationBatchSize: durableTask.maxEntityOperationBatchSize,
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
