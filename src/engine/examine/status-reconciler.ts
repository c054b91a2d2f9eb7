/**
 * Finds instances whose status row says something else than their history: a crash came between the two, and no message
 * came later that would have had the row repaired. Walks the rows that are not final, a page at a time with long pauses, and
 * reads the history of those that nobody has touched for a while.
 *
 * Of several workers of the hub, one does it.
 *
 * A row without a history is left as it is: whether its start message is lost or only late cannot be known.
 */
import { CorruptMessageError } from '../../core/errors.ts';
import type { InstanceRecord, RuntimeStatus } from '../../core/instance-status.ts';
import { OrchestrationState } from '../../core/orchestration-state.ts';
import { loopFailed } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Ambient } from '../ambient.ts';
import { BackgroundWalk, type Wait } from '../background-walk.ts';
import type { TaskHubBackend } from '../backend.ts';
import { repairInstance } from './repair-instance.ts';

export interface StatusReconcilerOptions {
  readonly backend: TaskHubBackend;
  readonly ambient: Ambient;
  readonly log: Logger;
  readonly taskHub: string;
  /** Waits between pages; returns early when the signal aborts. @default real time */
  readonly wait?: Wait;
}

const PAGE_SIZE = 20;
const PAGE_PAUSE_MS = 60_000;
/** Between the end of a walk and the next one. */
const WALK_PAUSE_MS = 10 * 60_000;
/** A row that was written lately belongs to an instance that is alive. */
const MIN_AGE_MS = 5 * 60_000;
const STATUSES: readonly RuntimeStatus[] = ['Pending', 'Running', 'Suspended', 'ContinuedAsNew'];

export class StatusReconciler {
  readonly #options: StatusReconcilerOptions;
  readonly #walk: BackgroundWalk;
  /** Where the next page begins; undefined for the first. */
  #continuationToken: string | undefined;

  constructor(options: StatusReconcilerOptions) {
    this.#options = options;
    const { wait } = options;
    const turn = (): Promise<number> => this.#goOn();
    this.#walk = new BackgroundWalk({ firstPauseMs: PAGE_PAUSE_MS, wait, turn });
  }

  start(): void {
    this.#walk.start();
  }

  /** Resolves when a page under way is done. */
  stop(): Promise<void> {
    return this.#walk.stop();
  }

  /** @returns the pause until the next page. */
  async #goOn(): Promise<number> {
    const { backend, log, taskHub } = this.#options;
    try {
      // Whoever leads begins anew: where the walk of another one stood is not known.
      this.#continuationToken = backend.leads() ? await this.#reconcilePage() : undefined;
    } catch (error) {
      loopFailed(log, { taskHub, loop: 'status', pauseMs: WALK_PAUSE_MS }, error);
      this.#continuationToken = undefined;
    }
    return this.#continuationToken === undefined ? WALK_PAUSE_MS : PAGE_PAUSE_MS;
  }

  /** @returns where the next page begins; undefined after the last. */
  async #reconcilePage(): Promise<string | undefined> {
    const { backend, ambient } = this.#options;
    const continuationToken = this.#continuationToken;
    const page = await backend.listInstances({
      runtimeStatuses: STATUSES,
      excludeEntities: true,
      pageSize: PAGE_SIZE,
      includeInput: false,
      includeOutput: false,
      ...(continuationToken === undefined ? {} : { continuationToken }),
    });
    const latestMs = ambient.now() - MIN_AGE_MS;
    for (const record of page.instances) {
      if (this.#walk.signal.aborted) break;
      if (Date.parse(record.lastUpdatedTime) < latestMs) await this.#reconcile(record);
    }
    return page.continuationToken;
  }

  /** A history that cannot be read is left alone: the walk would never come to the rows after it. */
  async #reconcile(record: InstanceRecord): Promise<void> {
    try {
      await this.#compare(record);
    } catch (error) {
      if (!(error instanceof CorruptMessageError)) throw error;
      const { log, taskHub } = this.#options;
      loopFailed(log, { taskHub, loop: 'status', pauseMs: 0 }, error);
    }
  }

  async #compare(record: InstanceRecord): Promise<void> {
    const { backend, ambient, log, taskHub } = this.#options;
    const state = new OrchestrationState(record.instanceId);
    const history = await backend.readHistory(record.instanceId, { namesLost: true });
    for (const event of history) state.append(event);
    const now = new Date(ambient.now()).toISOString();
    await repairInstance(backend, state, { log, taskHub, now }, record);
  }
}
