/** A task hub in memory that runs an app: worker, client, and what tests want to know of both. The clock can be moved by hand. */
import { AZURE_STORAGE_LIMITS } from '../../src/azure-storage/limits.ts';
import type { Clock } from '../../src/base/clock.ts';
import type { FunctionInvoker } from '../../src/engine/function-invoker.ts';
import type { TaskHubBackend } from '../../src/engine/backend.ts';
import { TaskHubClient } from '../../src/engine/task-hub-client.ts';
import {
  createTaskHubWorker,
  type TaskHubWorker,
  type TaskHubWorkerSettings,
} from '../../src/engine/task-hub-worker.ts';
import type { HistoryEvent } from '../../src/core/history-event.ts';
import { isTerminal, type InstanceRecord } from '../../src/core/instance-status.ts';
import { createMemoryBackend } from '../../src/memory/memory-backend.ts';
import { MemoryStore } from '../../src/memory/memory-store.ts';
import { HubMetrics } from '../../src/telemetry/hub-metrics.ts';
import type { LogRecord } from '../../src/telemetry/log.ts';
import { noTracing, type Tracing } from '../../src/telemetry/tracing.ts';
import { eventually } from './eventually.ts';

let nextId = 0;

/** A clock that runs with the real one and can be put forward. */
class SkippingClock implements Clock {
  #skippedMs = 0;
  readonly #scheduled = new Map<
    object,
    { dueMs: number; run: () => void; timer: NodeJS.Timeout }
  >();

  now(): number {
    return Date.now() + this.#skippedMs;
  }

  schedule(delayMs: number, run: () => void): () => void {
    const key = {};
    const fire = (): void => {
      this.#scheduled.delete(key);
      run();
    };
    const timer = setTimeout(fire, delayMs);
    timer.unref();
    this.#scheduled.set(key, { dueMs: this.now() + delayMs, run: fire, timer });
    return () => {
      clearTimeout(timer);
      this.#scheduled.delete(key);
    };
  }

  skip(ms: number): void {
    this.#skippedMs += ms;
    for (const { dueMs, run, timer } of [...this.#scheduled.values()]) {
      if (dueMs > this.now()) continue;
      clearTimeout(timer);
      run();
    }
  }
}

export class SdkHub {
  readonly client: TaskHubClient;
  readonly worker: TaskHubWorker;
  readonly backend: TaskHubBackend;
  readonly records: LogRecord[] = [];
  readonly metrics = new HubMetrics();
  readonly clock: SkippingClock;
  readonly tracing: Tracing;
  readonly #store: MemoryStore;

  constructor(
    invoker: FunctionInvoker,
    settings: Partial<TaskHubWorkerSettings> = {},
    decorate: (backend: TaskHubBackend) => TaskHubBackend = (backend) => backend,
    before?: SdkHub,
    tracing: Tracing = before?.tracing ?? noTracing,
  ) {
    this.tracing = tracing;
    this.clock = before?.clock ?? new SkippingClock();
    this.#store =
      before === undefined
        ? new MemoryStore({ clock: this.clock, redeliveryPauseMs: () => 5 })
        : before.#store;
    const ambient = {
      now: () => this.clock.now(),
      newId: () => String(nextId++).padStart(32, 'a'),
    };
    const log = {
      write: (record: LogRecord) => {
        this.records.push(record);
      },
    };
    this.backend = decorate(
      createMemoryBackend({ store: this.#store, limits: AZURE_STORAGE_LIMITS }),
    );
    this.worker = createTaskHubWorker({
      backend: this.backend,
      invoker,
      ambient,
      log,
      tracing,
      metrics: this.metrics,
      settings: {
        taskHub: 'Test',
        maxConcurrentActivities: 10,
        maxConcurrentOrchestrations: 10,
        ...settings,
      },
    });
    this.client = new TaskHubClient({
      backend: this.backend,
      ambient,
      log,
      taskHub: 'Test',
      tracing,
    });
  }

  /** Another process on the same storage. */
  again(invoker: FunctionInvoker, settings: Partial<TaskHubWorkerSettings> = {}): SdkHub {
    return new SdkHub(invoker, settings, undefined, this);
  }

  async start(name: string, input?: unknown, instanceId?: string): Promise<string> {
    return this.client.start({
      name,
      input: input === undefined ? null : JSON.stringify(input),
      ...(instanceId === undefined ? {} : { instanceId }),
    });
  }

  async ended(instanceId: string, timeoutMs = 5000): Promise<InstanceRecord> {
    // Not `waitForTerminal`: its deadline is one of the clock that tests put forward.
    try {
      return await eventually(
        async () => {
          const record = await this.client.findStatus(instanceId, { input: false });
          return record && isTerminal(record.runtimeStatus) ? record : undefined;
        },
        { timeoutMs, intervalMs: 2 },
      );
    } catch (error) {
      const history = (await this.client.readHistory(instanceId)).map(brief).join(', ');
      throw new Error(`Instance '${instanceId}' did not end: ${history}`, { cause: error });
    }
  }

  /** Starts an instance and waits for its end: its output, or the reason of its failure. */
  async run(name: string, input?: unknown): Promise<unknown> {
    const { output } = await this.ended(await this.start(name, input));
    try {
      return output === null ? null : (JSON.parse(output) as unknown);
    } catch {
      return output;
    }
  }

  /** Waits until the history says so; it is empty before the first commit. */
  async history(
    instanceId: string,
    holds: (history: readonly HistoryEvent[]) => boolean,
  ): Promise<readonly HistoryEvent[]> {
    return eventually(
      async () => {
        const history = await this.client.readHistory(instanceId);
        return holds(history) ? history : undefined;
      },
      { timeoutMs: 5000, intervalMs: 5 },
    );
  }
}

/** An event in a word or two: `TaskScheduled 0 A`, `TimerFired 1`. */
export function brief(event: HistoryEvent): string {
  const id = (() => {
    switch (event.EventType) {
      case 'TaskCompleted':
      case 'TaskFailed':
      case 'SubOrchestrationInstanceCompleted':
      case 'SubOrchestrationInstanceFailed':
        return [event.TaskScheduledId];
      case 'TimerFired':
        return [event.TimerId];
      case 'TaskScheduled':
      case 'SubOrchestrationInstanceCreated':
        return [event.EventId, event.Name];
      case 'TimerCreated':
      case 'EventSent':
        return [event.EventId];
      case 'EventRaised':
        return [event.Name];
      default:
        return [];
    }
  })();
  return [event.EventType, ...id].join(' ');
}
