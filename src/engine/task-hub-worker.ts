/** Processes a task hub: a loop for orchestrations, one for activities, and a stop in two stages. */
import { setMaxListeners } from 'node:events';
import { whenAborted } from '../base/abort.ts';
import { ActivityProcessor } from './activity-processor.ts';
import type { Ambient } from './ambient.ts';
import type { ActivityWorkItem, OrchestrationWorkItem, TaskHubBackend } from './backend.ts';
import { TerminatedExecutions } from './terminated-executions.ts';
import { EntityProcessor } from './entity-processor.ts';
import type { FunctionInvoker } from './function-invoker.ts';
import type { LifecycleNotifications } from './lifecycle-notifications.ts';
import { OrchestrationProcessor } from './orchestration-processor.ts';
import { Slots } from '../base/slots.ts';
import { StatusReconciler } from './status-reconciler.ts';
import { WorkLoop } from './work-loop.ts';
import { isEntityId } from '../core/ids.ts';
import type { Versioning } from '../core/versioning.ts';
import type { Logger } from '../telemetry/log.ts';

export interface TaskHubWorkerSettings {
  readonly taskHub: string;
  readonly maxConcurrentActivities: number;
  readonly maxConcurrentOrchestrations: number;
  /** 0 turns the commit window off. @default 100 */
  readonly commitWindowMs?: number;
  /** @default 100000 */
  readonly maxOrchestrationActions?: number;
  /** Pause before a poll of callHttp that no Retry-After times. @default 30000 */
  readonly defaultHttpPauseMs?: number;
  /** Whether an orchestrator that has returned completes only when the timers fired that it did not cancel. @default true */
  readonly waitForOpenTimers?: boolean;
  /** Which versions of instances this worker runs. @default all */
  readonly versioning?: Versioning;
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
}

export interface TaskHubWorkerOptions {
  readonly backend: TaskHubBackend;
  readonly invoker: FunctionInvoker;
  readonly ambient: Ambient;
  readonly log: Logger;
  /** Told of instances that start and end; stopped with the worker. */
  readonly notifications?: LifecycleNotifications | undefined;
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
const DEFAULT_REORDER_WINDOW_MS = 30 * 60 * 1000;

export function createTaskHubWorker(options: TaskHubWorkerOptions): TaskHubWorker {
  const { backend, invoker, ambient, log, notifications, settings } = options;
  const { taskHub } = settings;
  const draining = new AbortController();
  // Each commit window that is open listens: as many as orchestrations run.
  setMaxListeners(0, draining.signal);
  const sessionCacheBytes = settings.sessionCacheBytes ?? DEFAULT_SESSION_CACHE_BYTES;
  const entityCacheBytes = Math.floor(sessionCacheBytes * ENTITY_CACHE_SHARE);
  const activitySlots = new Slots(settings.maxConcurrentActivities);
  const terminatedExecutions = new TerminatedExecutions(backend, ambient);
  const activities = new ActivityProcessor({
    backend,
    invoker,
    ambient,
    log,
    taskHub,
    slots: activitySlots,
    terminatedExecutions,
    draining: draining.signal,
  });
  const orchestrations = new OrchestrationProcessor({
    backend,
    invoker,
    activities,
    terminatedExecutions,
    ambient,
    log,
    notifications,
    taskHub,
    commitWindowMs: settings.commitWindowMs ?? 100,
    maxOrchestrationActions: settings.maxOrchestrationActions ?? 100_000,
    defaultHttpPauseMs: settings.defaultHttpPauseMs ?? 30_000,
    waitsForTimers: settings.waitForOpenTimers ?? true,
    versioning: settings.versioning,
    replaysAlways: settings.replaysAlways ?? false,
    sessionCacheBytes: sessionCacheBytes - entityCacheBytes,
    draining: draining.signal,
  });
  const entities = new EntityProcessor({
    backend,
    invoker,
    ambient,
    log,
    notifications,
    taskHub,
    undoesFailures: settings.rollbackEntityOperations ?? true,
    maxBatchSize: settings.maxEntityOperationBatchSize ?? 5000,
    reorderWindowMs: settings.entityMessageReorderWindowMs ?? DEFAULT_REORDER_WINDOW_MS,
    sessionCacheBytes: entityCacheBytes,
    draining: draining.signal,
  });
  const orchestrationLoop = new WorkLoop<OrchestrationWorkItem>({
    name: 'orchestration',
    taskHub,
    log,
    slots: new Slots(settings.maxConcurrentOrchestrations),
    fetch: (signal) => backend.nextOrchestration(signal),
    process: (item) =>
      isEntityId(item.instanceId) ? entities.process(item) : orchestrations.process(item),
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

  const reconciler = new StatusReconciler({ backend, ambient, log, taskHub });

  return {
    async start() {
      await backend.start();
      orchestrationLoop.start();
      activityLoop.start();
      reconciler.start();
    },
    async stop({ abort } = {}) {
      draining.abort();
      const drained = Promise.all([
        orchestrationLoop.stop(),
        activityLoop.stop(),
        reconciler.stop(),
      ]).then(() => activities.drain());
      await Promise.race([drained, ...(abort ? [whenAborted(abort)] : [])]);
      // Before the backend, which waits for what is told before messages are deleted.
      await notifications?.stop(abort);
      await backend.stop();
    },
  };
}
