/**
 * Everything between a configuration and a task hub that works: the hub in storage, clients of it and of its neighbours, the
 * worker, and the management API. What a root adds is its own: the host its ports, triggers and files, another root perhaps
 * nothing. Therefore nothing in this folder changes the process: no directory, no environment, no handlers, no ports.
 */
import type { Config } from '../config/config.ts';
import { workerProcessCount } from '../config/worker-process-count.ts';
import type { BackendLimits } from '../core/backend-limits.ts';
import { InvalidInputError } from '../core/errors.ts';
import { ReplayFailure } from '../core/replay/replay-failure.ts';
import { refuseUnfinishedImport } from '../engine/archive/unfinished-import.ts';
import {
  checkFunction,
  checkMayStart,
  type FunctionKind,
  hasFunction,
} from '../engine/function-directory.ts';
import type { FunctionDirectory, FunctionInvoker } from '../engine/function-invoker.ts';
import { RunningFunctions } from '../engine/running-functions.ts';
import { InstanceReplayer } from '../engine/examine/instance-replayer.ts';
import type { LifecycleNotifications } from '../engine/lifecycle-notifications.ts';
import type { TaskHubBackend } from '../engine/backend.ts';
import type { ReplaySettings } from '../engine/replay-rules.ts';
import type { RetentionSettings } from '../engine/purge/retention-purger.ts';
import { ScaleSignal } from '../engine/scale-signal.ts';
import type { TaskHubClient } from '../engine/task-hub-client.ts';
import type { Doorbell } from '../azure-storage/wake-ups/doorbell.ts';
import {
  createTaskHubWorker,
  type TaskHubWorker,
  type TaskHubWorkerSettings,
} from '../engine/task-hub-worker.ts';
import { createManagementApp, type ManagementAppOptions } from '../http/app.ts';
import type { FetchHandler } from '../http/responses.ts';
import { HubMetrics } from '../telemetry/hub-metrics.ts';
import type { InstanceLog } from '../telemetry/instance-log.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Metric } from '../telemetry/metrics.ts';
import { EventGridNotifications } from './event-grid/event-grid-notifications.ts';
import { findEventGridTopic } from './event-grid/event-grid-topic.ts';
import { AppHubs } from './app-hubs.ts';
import { ambient, connectHub } from './connect-hub.ts';
import { otherHubOpener } from './other-hub.ts';
import { appNameOf } from './app-name.ts';
import { checkNeighbours } from './hub-neighbours.ts';
import { PublishedMetrics } from './published-metrics.ts';
import { loadOpenTelemetryApi, tracingOf } from './tracing.ts';
import { versioningOf } from './versioning-of.ts';

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
  | 'client'
  | 'checkEntity'
  | 'checkOrchestrator'
  | 'replayer'
  | 'instanceLog'
  | 'runningFunctions'
  | 'log'
> & {
  /** What this process has logged about the app's instances. @default nobody may see it by this door */
  readonly instanceLog?: InstanceLog;
};

/** How an app is loaded is its root's business; the hub runs it through this. */
export interface InvokableApp {
  readonly invoker: FunctionInvoker;
}

export interface WorkingHub<App extends InvokableApp = InvokableApp> {
  /** Of the app's own hub. */
  readonly client: TaskHubClient;
  /** All hubs that clients of the app may use. */
  readonly hubs: AppHubs;
  /** Has the worker look for messages of others. Nobody can ring before the caller says where, best before the worker starts. */
  readonly doorbell: Doorbell;
  /** What the caller's `loadApp` gave. */
  readonly app: App;
  /** Not started yet: the caller opens its doors first, and knows whether the app is fit to work. */
  readonly worker: TaskHubWorker;
  /** What the worker counts and measures, and what waits. Never rejects. */
  readonly readMetrics: () => Promise<readonly Metric[]>;
  /** Why the storage of the app's own hub does not do its work; undefined while it does. */
  readonly outage: TaskHubBackend['outage'];
  /** How many workers the app's own hub wants, for roots that tell it. @throws {ConfigError} for a number of processes that cannot be. */
  readonly createScale: () => ScaleSignal;
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
 * @throws {DurableError} `CONFIG`, an import into the hub was interrupted.
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
  const metrics = new HubMetrics();
  const counted = metrics.counting(log);
  const { backend, client, doorbell, create } = connectHub(config, counted, metrics);
  await create();
  await refuseUnfinishedImport(backend, config.durableTask.hubName, 'no host may work on it');
  const hubs = new AppHubs({ config, client, openOther: otherHubOpener(config, log) });
  const app = await loadApp({ hubs, limits: backend.limits });
  const { invoker } = app;
  const settings = workerSettings(config);
  const described = { name: await appNameOf(config), functions: invoker.functions };
  const runningFunctions = new RunningFunctions({
    now: () => ambient.now(),
    elsewhere: (count) => backend.runningElsewhere(count),
  });
  doorbell.onAsked((count) => runningFunctions.list(count));
  const worker = createTaskHubWorker({
    backend,
    invoker: runningFunctions.watch(invoker),
    ambient,
    log: counted,
    metrics,
    tracing: tracingOf(config),
    notifications,
    settings,
    appName: described.name,
  });
  const othersHave = (kind: FunctionKind, name: string): boolean =>
    backend.otherApps().some(({ functions }) => hasFunction(functions, kind, name));
  const replayer = new InstanceReplayer({ backend, invoker, settings, othersHave });
  const createScale = () => createScaleSignal(backend, config);
  const loadApi = () => loadOpenTelemetryApi(config);
  const published = new PublishedMetrics({ metrics, backend, createScale, loadApi });
  return {
    client,
    hubs,
    doorbell,
    app,
    worker: {
      async start() {
        const checked = checkNeighbours({ backend, config, app: described, log });
        if (config.durableTask.otherApps === 'refuse') await checked;
        await Promise.all([checked, worker.start()]);
        published.start();
      },
      stop: async (options) => {
        published.stop();
        await worker.stop(options);
      },
    },
    readMetrics: () => published.read(),
    outage: () => backend.outage(),
    createScale,
    managementApp: ({ instanceLog, ...door }) =>
      createManagementApp({
        ...door,
        instanceLog: (hub) => (hubs.isOwn(hub) ? instanceLog : undefined),
        runningFunctions: (hub) => (hubs.isOwn(hub) ? runningFunctions : undefined),
        client: (hub) => hubs.client(hub),
        checkEntity: (name, hub) => {
          if (hubs.isOwn(hub)) checkEntity(invoker.functions, name);
        },
        checkOrchestrator: (name, hub) => {
          if (hubs.isOwn(hub)) checkMayStart(invoker.functions, name);
        },
        replayer: (hub) => (hubs.isOwn(hub) ? replayer : undefined),
        log,
      }),
  };
}

/** An activity that nobody takes for so long waits for a slot, not for the next poll of a worker that was told of it. */
const LATE_AFTER_MS = 10_000;
/** As long as KEDA waits, unless told otherwise, before it ends the last worker. */
const COOL_DOWN_MS = 300_000;
/** No hub is worth more; who asks has bounds of its own. */
const MAX_WORKERS = 200;

/** A worker is what a scaler starts: all processes of the app on one machine. */
function createScaleSignal(
  backend: Pick<TaskHubBackend, 'readBacklog'>,
  config: Config,
): ScaleSignal {
  const { durableTask } = config;
  const isShared = config.connection !== undefined && config.localFolder === undefined;
  const processes = isShared ? workerProcessCount(config) : 1;
  return new ScaleSignal({
    backend,
    taskHub: durableTask.hubName,
    now: () => ambient.now(),
    rule: {
      capacity: {
        activities: processes * durableTask.maxConcurrentActivityFunctions,
        orchestrations: processes * durableTask.maxConcurrentOrchestratorFunctions,
        processes,
      },
      lateAfterMs: LATE_AFTER_MS,
      coolDownMs: COOL_DOWN_MS,
      minWorkers: 0,
      maxWorkers: MAX_WORKERS,
    },
  });
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

/** By which a replay, here and elsewhere, goes as the worker's would. */
export function replaySettings(config: Config): ReplaySettings {
  const { durableTask } = config;
  const versioning = versioningOf(config);
  return {
    waitForOpenTimers: durableTask.waitForOpenTimers,
    maxOrchestrationActions: durableTask.maxOrchestrationActions,
    defaultHttpPauseMs: durableTask.httpSettings.defaultAsyncRequestSleepTimeMs,
    ...(versioning !== undefined && { versioning }),
  };
}

function workerSettings(config: Config): TaskHubWorkerSettings {
  const { durableTask } = config;
  return {
    ...replaySettings(config),
    taskHub: durableTask.hubName,
    maxConcurrentActivities: durableTask.maxConcurrentActivityFunctions,
    maxConcurrentOrchestrations: durableTask.maxConcurrentOrchestratorFunctions,
    commitWindowMs: durableTask.commitWindowMs,
    replaysAlways: durableTask.orchestratorCodeChecks === 'error',
    sessionCacheBytes: durableTask.sessionCacheMegabytes * 1024 * 1024,
    maxEntityOperationBatchSize: durableTask.maxEntityOperationBatchSize,
    rollbackEntityOperations: durableTask.rollbackEntityOperationsOnExceptions,
    entityMessageReorderWindowMs: durableTask.entityMessageReorderWindowInMinutes * 60_000,
    poisonMessageThreshold: durableTask.poisonMessageThreshold,
    retention: retentionOf(durableTask.retention),
  };
}

function retentionOf({
  byStatus,
  orchestrations: byName,
  purgesPerSecond,
}: Config['durableTask']['retention']): RetentionSettings {
  const times = Object.entries(byStatus).filter(([, keptMs]) => keptMs !== undefined);
  return { byStatus: Object.fromEntries(times), byName, purgesPerSecond };
}
