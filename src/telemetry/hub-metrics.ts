/** One member for everything that is counted and measured of a task hub, with its name and labels. Ids are never labels. */
import type { Logger } from './log.ts';
import { Counter, Histogram, type Metric } from './metrics.ts';

export class HubMetrics {
  readonly #instances = new Counter(
    'durabletask_instances_total',
    'Instances that started or ended here; each generation of one that continues as new counts.',
  );
  readonly #startDelay = new Histogram(
    'durabletask_start_delay_seconds',
    'From the start of an instance, or its scheduled time, to its first step.',
  );
  readonly #orchestrators = new Histogram(
    'durabletask_orchestrator_seconds',
    'What the code of orchestrators took for a message: fed with what is new, or replayed.',
  );
  readonly #activities = new Histogram('durabletask_activity_seconds', 'What activities took.');
  readonly #operations = new Counter(
    'durabletask_entity_operations_total',
    'Operations of entities that ran; one that is undone, or whose step is not stored, may run and count again.',
  );
  readonly #entities = new Histogram(
    'durabletask_entity_seconds',
    'What calls of the functions of entities took, each with all of its operations.',
  );
  readonly #sessions = new Counter(
    'durabletask_session_lookups_total',
    'Whether the history of an instance was in memory when a message came for it.',
  );
  readonly #requests = new Counter(
    'durabletask_storage_requests_total',
    'Requests to the services of the storage account, retries included.',
  );
  readonly #events = new Counter(
    'durabletask_events_total',
    'Events of the log at warning or above, and those about partitions and sessions.',
  );

  /** @param status as the outside is told of it: `Running`, `Completed`, `Failed`, `Terminated` */
  instance(name: string, status: string): void {
    this.#instances.add({ name, status });
  }

  firstStep(name: string, seconds: number): void {
    this.#startDelay.observe({ name }, seconds);
  }

  orchestrator(name: string, kind: 'feed' | 'replay', seconds: number): void {
    this.#orchestrators.observe({ name, kind }, seconds);
  }

  activity(name: string, result: 'completed' | 'failed', seconds: number): void {
    this.#activities.observe({ name, result }, seconds);
  }

  /** @param result `failed` also where its function did not run to its end. */
  entityOperation(name: string, result: 'completed' | 'failed'): void {
    this.#operations.add({ name, result });
  }

  /** @param result `failed` when none of its operations counts. */
  entityCall(name: string, result: 'completed' | 'failed', seconds: number): void {
    this.#entities.observe({ name, result }, seconds);
  }

  sessionLookup(result: 'hit' | 'miss'): void {
    this.#sessions.add({ result });
  }

  /** @param status of HTTP; undefined when there was no answer. */
  storageRequest(service: string, operation: string, status: number | undefined): void {
    const result = status === undefined ? 'no answer' : String(status);
    this.#requests.add({ service, operation, result });
  }

  /** The same log, whose events are counted. */
  counting(log: Logger): Logger {
    return {
      write: (record) => {
        const { event, level } = record;
        if (event !== undefined && (COUNTED_LEVELS.has(level) || COUNTED.has(event))) {
          this.#events.add({ event, level });
        }
        log.write(record);
      },
    };
  }

  get all(): readonly Metric[] {
    return [
      this.#instances,
      this.#startDelay,
      this.#orchestrators,
      this.#activities,
      this.#operations,
      this.#entities,
      this.#sessions,
      this.#requests,
      this.#events,
    ];
  }
}

const COUNTED_LEVELS: ReadonlySet<string> = new Set(['warning', 'error', 'critical']);
const COUNTED: ReadonlySet<string> = new Set(['PartitionsOwned', 'SessionLost']);
