/**
 * Everything between a configuration and a task hub that works: the hub in storage, clients of it and of its neighbours, the
 * worker, and the management API. What a root adds is its own: the host its ports, triggers and files, another root perhaps
 * nothing. Therefore nothing in this folder changes the process: no directory, no environment, no handlers, no ports.
 */
import type { Config } from '../../config/config.ts';
import type { BackendLimits } from '../../core/backend-limits.ts';
import { InvalidInputError } from '../../core/errors.ts';
import { ReplayFailure } from '../../core/replay/replay-failure.ts';
import { checkFunction, checkMayStart } from '../../engine/function-directory.ts';
import type { FunctionDirectory, FunctionInvoker } from '../../engine/function-invoker.ts';
import type { LifecycleNotifications } from '../../engine/lifecycle-notifications.ts';
import type { TaskHubClient } from '../../engine/task-hub-client.ts';
import {
  createTaskHubWorker,
  type TaskHubWorker,
  type TaskHubWorkerSettings,
} from '../../engine/task-hub-worker.ts';
import { createManagementApp, type ManagementAppOptions } from '../../http/app.ts';
import type { FetchHandler } from '../../http/responses.ts';
import type { Logger } from '../../telemetry/log.ts';
import { EventGridNotifications } from '../event-grid/event-grid-notifications.ts';
import { findEventGridTopic } from '../event-grid/event-grid-topic.ts';
import { AppHubs } from './app-hubs.ts';
import { ambient, connectHub } from './connect-hub.ts';
import { otherHubOpener } from './other-hub.ts';
import { warnOfUnseenWorkers } from './other-workers.ts';

/** What an app is given of its hub while it is loaded. */
export interface HubOfApp {
  /** All hubs that clients of the app may use. */
  readonly hubs: AppHubs;
  /** The SDKs have to be told of them. */
  readonly limits: BackendLimits;
}

/** One way to the management API: where it is mounted, how its links look, who may come. */
export type ManagementDoor = Omit<
  ManagementAppOptions,
  'client' | 'checkEntity' | 'checkOrchestrator' | 'log'
>;

/** How an app is loaded is its root's business; the hub runs it through this. */
export interface InvokableApp {
  readonly invoker: FunctionInvoker;
}

export interface WorkingHub<App extends InvokableApp = InvokableApp> {
  /** Of the app's own hub. */
  readonly client: TaskHubClient;
  /** All hubs that clients of the app may use. */
  readonly hubs: AppHubs;
  /** What the caller's `loadApp` gave. */
  readonly app: App;
  /** Not started yet: the caller opens its doors first, and knows whether the app is fit to work. */
  readonly worker: TaskHubWorker;
  /** The management API over all of `hubs`, for one door. */
  readonly managementApp: (door: ManagementDoor) => FetchHandler;
}

/**
 * Creates the task hub when it is not there, loads the app and makes them ready to work. Nothing is received before
 * `worker.start()`, and what was started ends with `worker.stop()`.
 *
 * @param loadApp called once, when the hub is there: functions of the app may use its hubs from the moment they are loaded. An
 *   app that is loaded already is simply given back.
 * @throws {BackendUnavailableError} one line that names the hub and the storage account.
 * @throws {ConfigError} for settings of notifications that cannot be.
 * @throws what `loadApp` throws.
 *
 * @example
 * const hub = await openWorkingHub(config, () => Promise.resolve({ invoker }), log);
 * await hub.worker.start();
 * const id = await hub.client.start({ name: 'Ship', input: null });
 * await hub.worker.stop();
 */
export async function openWorkingHub<App extends InvokableApp>(
  config: Config,
  loadApp: (hub: HubOfApp) => Promise<App>,
  log: Logger,
): Promise<WorkingHub<App>> {
  const notifications = createNotifications(config, log);
  const { backend, client, create } = connectHub(config, log);
  await create();
  const hubs = new AppHubs({ config, client, openOther: otherHubOpener(config, log) });
  const app = await loadApp({ hubs, limits: backend.limits });
  const { invoker } = app;
  const settings = workerSettings(config);
  const worker = createTaskHubWorker({ backend, invoker, ambient, log, notifications, settings });
  return {
    client,
    hubs,
    app,
    worker: {
      async start() {
        await Promise.all([warnOfUnseenWorkers(backend, config, log), worker.start()]);
      },
      stop: (options) => worker.stop(options),
    },
    managementApp: (door) =>
      createManagementApp({
        ...door,
        client: (hub) => hubs.client(hub),
        checkEntity: (name, hub) => {
          if (hubs.isOwn(hub)) checkEntity(invoker.functions, name);
        },
        checkOrchestrator: (name, hub) => {
          if (hubs.isOwn(hub)) checkMayStart(invoker.functions, name);
        },
        log,
      }),
  };
}

/** undefined when nobody wants to be told. @throws {ConfigError} */
function createNotifications(config: Config, log: Logger): LifecycleNotifications | undefined {
  const topic = findEventGridTopic(config);
  const taskHub = config.durableTask.hubName;
  return topic && new EventGridNotifications({ topic, taskHub, log });
}

/** Mirrors the check of DurableClient.SignalEntityAsync. @throws {InvalidInputError} naming the entities that there are. */
function checkEntity(functions: FunctionDirectory, name: string): void {
  try {
    checkFunction(functions, 'entity', name);
  } catch (error) {
    if (!(error instanceof ReplayFailure)) throw error;
    throw new InvalidInputError(error.message);
  }
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
