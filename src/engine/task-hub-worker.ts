/** Processes a task hub: a loop for orchestrations, one for activities, and a stop in two stages. */
import { setMaxListeners } from 'node:events';
import { whenAborted } from '../base/abort.ts';
import { ActivityProcessor } from './activity-processor.ts';
import type { Ambient } from './ambient.ts';
import type {
  ActivityWorkItem,
  OrchestrationWorkItem,
  TaskHubBackend,
  UnreadableMessage,
} from './backend.ts';
import { TerminatedExecutions } from './terminated-executions.ts';
import { EntityProcessor } from './entities/entity-processor.ts';
import type { FunctionDirectory, FunctionInvoker, FunctionNames } from './function-invoker.ts';
import { waitersOf } from './instance-waiters.ts';
import type { LifecycleNotifications } from './lifecycle-notifications.ts';
import { OrchestrationProcessor } from './orchestrations/orchestration-processor.ts';
import type { ReplaySettings } from './replay-rules.ts';
import { PurgeResumer } from './purge/purge-resumer.ts';
import { RetentionPurger, type RetentionSettings } from './purge/retention-purger.ts';
import { Slots } from '../base/slots.ts';
import { OtherWorkers } from './other-workers.ts';
import { withStorableOutcomes } from './storable-outcomes.ts';
import { FailedTries } from './poison/failed-tries.ts';
import { UnreadableProcessor } from './poison/unreadable-processor.ts';
import { StatusReconciler } from './examine/status-reconciler.ts';
import { WorkLoop } from './work-loop.ts';
import { isEntityId } from '../core/ids.ts';
import type { Logger } from '../telemetry/log.ts';
import { HubMetrics } from '../telemetry/hub-metrics.ts';
import { noTracing, type Tracing } from '../telemetry/tracing.ts';

export interface TaskHubWorkerSettings extends ReplaySettings {
  readonly taskHub: string;
  readonly maxConcurrentActivities: number;
  readonly maxConcurrentOrchestrations: number;
  /** 0 turns the commit window off. @default 100 */
  readonly commitWindowMs?: number;
  /**
   * Whether each message runs the orchestrator over the whole history, so that one that is not deterministic is found out at its
   * next step. @default only now and then
   */
  readonly replaysAlways?: boolean;
  /** Memory for sessions between messages; 0 keeps none. @default 64 MiB */
  readonly sessionCacheBytes?: number;
  /** Operations of one entity that run in one call of its function. @default 5000 */
  readonly maxEntityOperationBatchSize?: number;
  /** Whether an operation of an entity that throws leaves nothing behind, neither state nor signals. @default true */
  readonly rollbackEntityOperations?: boolean;
  /** How far apart requests of one sender may arrive and still be put in order, in ms. @default 30 minutes */
  readonly entityMessageReorderWindowMs?: number;
  /** How often a message is tried before it is set aside. @default 5 */
  readonly poisonMessageThreshold?: number;
  /** How long instances are kept after their end. @default for ever */
  readonly retention?: RetentionSettings;
}

export interface TaskHubWorkerOptions {
  readonly backend: TaskHubBackend;
  readonly invoker: FunctionInvoker;
  readonly ambient: Ambient;
  readonly log: Logger;
  /** Gets the spans of what runs. @default nobody */
  readonly tracing?: Tracing;
  /** Told what is done, and how long it takes. @default nobody */
  readonly metrics?: HubMetrics;
  /** Told of instances that start and end; stopped with the worker. */
  readonly notifications?: LifecycleNotifications | undefined;
  /** By which other workers of the hub know the app. @default they do not know it, and leave nothing to it */
  readonly appName?: string | undefined;
  readonly settings: TaskHubWorkerSettings;
}

export interface TaskHubWorker {
  /** Begins to own partitions and to process. The hub must exist. */
  start(): Promise<void>;
  /**
   * Takes no new work, finishes what runs, gives the rest back. When `abort` fires, what still runs is left to be
   * delivered again.
   */
  stop(options?: { readonly abort?: AbortSignal }): Promise<void>;
}

const DEFAULT_SESSION_CACHE_BYTES = 64 * 1024 * 1024;
/** Of an entity only the state is kept, of an orchestration its history. */
const ENTITY_CACHE_SHARE = 0.25;
/** A thousand of them are to leave room for what works. */
const UNREADABLE_AT_ONCE = 8;
const DEFAULT_REORDER_WINDOW_MS = 30 * 60 * 1000;

export function createTaskHubWorker(options: TaskHubWorkerOptions): TaskHubWorker {
  const { backend, ambient, log, notifications, settings, appName } = options;
  const invoker = withStorableOutcomes(options.invoker, backend.limits);
  const { taskHub } = settings;
  const tracing = options.tracing ?? noTracing;
  const metrics = options.metrics ?? new HubMetrics();
  const draining = new AbortController();
  // Each commit window that is open listens: as many as orchestrations run.
  setMaxListeners(0, draining.signal);
  const sessionCacheBytes = settings.sessionCacheBytes ?? DEFAULT_SESSION_CACHE_BYTES;
  const entityCacheBytes = Math.floor(sessionCacheBytes * ENTITY_CACHE_SHARE);
  const activitySlots = new Slots(settings.maxConcurrentActivities);
  const terminatedExecutions = new TerminatedExecutions(backend, ambient);
  const { functions } = invoker;
  const others = new OtherWorkers({ backend, functions, taskHub, log });
  const threshold = settings.poisonMessageThreshold;
  const failedTries = new FailedTries(threshold);
  const activities = new ActivityProcessor({
    backend,
    invoker,
    ambient,
    log,
    taskHub,
    tracing,
    metrics,
    slots: activitySlots,
    terminatedExecutions,
    others,
    failedTries,
    draining: draining.signal,
  });
  const orchestrations = new OrchestrationProcessor({
    backend,
    invoker,
    activities,
    others,
    terminatedExecutions,
    ambient,
    log,
    notifications,
    taskHub,
    tracing,
    metrics,
    commitWindowMs: settings.commitWindowMs ?? 100,
    replaySettings: settings,
    versioning: settings.versioning,
    replaysAlways: settings.replaysAlways ?? false,
    sessionCacheBytes: sessionCacheBytes - entityCacheBytes,
    failedTries,
    draining: draining.signal,
  });
  const entities = new EntityProcessor({
    backend,
    invoker,
    others,
    ambient,
    log,
    notifications,
    taskHub,
    tracing,
    metrics,
    undoesFailures: settings.rollbackEntityOperations ?? true,
    maxBatchSize: settings.maxEntityOperationBatchSize ?? 5000,
    reorderWindowMs: settings.entityMessageReorderWindowMs ?? DEFAULT_REORDER_WINDOW_MS,
    sessionCacheBytes: entityCacheBytes,
    failedTries,
    draining: draining.signal,
  });
  const orchestrationLoop = new WorkLoop<OrchestrationWorkItem>({
    name: 'orchestration',
    taskHub,
    log,
    slots: new Slots(settings.maxConcurrentOrchestrations),
    fetch: (signal) => backend.nextOrchestration(signal),
    process: async (item) => {
      if (!isEntityId(item.instanceId)) {
        await orchestrations.process(item);
        return;
      }
      await entities.process(item);
      waitersOf(backend).changed(item.instanceId);
    },
    giveBack: (item) => backend.abandonOrchestration(item),
  });
  const activityLoop = new WorkLoop<ActivityWorkItem>({
    name: 'activity',
    taskHub,
    log,
    slots: activitySlots,
    fetch: (signal) => backend.nextActivity(signal),
    process: (item) => activities.process(item),
    giveBack: (item) => backend.abandonActivity(item, { isUntried: true }),
  });
  const unreadable = new UnreadableProcessor({ backend, ambient, log, taskHub, threshold });
  const unreadableLoop = new WorkLoop<UnreadableMessage>({
    name: 'unreadable messages',
    taskHub,
    log,
    slots: new Slots(UNREADABLE_AT_ONCE),
    fetch: (signal) => backend.nextUnreadable(signal),
    process: (message) => unreadable.process(message),
    giveBack: (message) => backend.abandonUnreadable(message),
  });

  const reconciler = new StatusReconciler({ backend, ambient, log, taskHub });
  const resumer = new PurgeResumer({ backend, ambient, log, taskHub });
  const { retention } = settings;
  const purger = retention && new RetentionPurger({ backend, ambient, log, taskHub, retention });

  return {
    async start() {
      await backend.start(
        appName === undefined ? undefined : { name: appName, functions: namesOf(functions) },
      );
      orchestrationLoop.start();
      activityLoop.start();
      unreadableLoop.start();
      reconciler.start();
      resumer.start();
      purger?.start();
    },
    async stop({ abort } = {}) {
      draining.abort();
      const drained = Promise.all([
        orchestrationLoop.stop(),
        activityLoop.stop(),
        unreadableLoop.stop(),
        reconciler.stop(),
        resumer.stop(),
        purger?.stop(),
      ]).then(() => activities.drain());
      await Promise.race([drained, ...(abort ? [whenAborted(abort)] : [])]);
      // Before the backend, which waits for what is told before messages are deleted.
      await notifications?.stop(abort);
      await backend.stop();
    },
  };
}

/** In an order of their own, so that two workers of one app tell the same. */
function namesOf({ orchestrators, activities, entities }: FunctionDirectory): FunctionNames {
  return {
    orchestrators: [...orchestrators].sort(),
    activities: [...activities].sort(),
    entities: [...entities].sort(),
  };
}
