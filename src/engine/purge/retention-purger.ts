/**
 * Deletes instances whose time is over, as `retention` in host.json says: page by page, slowly, in the background. Of several workers of
 * the hub, one does it. What is deleted is not found again, so that it goes on wherever it was stopped.
 */
import { atMost } from '../../base/at-most.ts';
import { pause } from '../../base/pause.ts';
import { BackendUnavailableError } from '../../core/errors.ts';
import type { InstanceRecord } from '../../core/instance-status.ts';
import {
  expiringStatuses,
  keepMs,
  shortestKeepMs,
  type FinalStatus,
  type RetentionPolicy,
} from '../../core/retention.ts';
import { instancesExpired, loopFailed, purgeFailed } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Ambient } from '../ambient.ts';
import { BackgroundWalk, type Wait } from '../background-walk.ts';
import type { TaskHubBackend } from '../backend.ts';
import { purgeInstance } from './purge-instances.ts';

export interface RetentionSettings extends RetentionPolicy {
  readonly purgesPerSecond: number;
}

export interface RetentionPurgerOptions {
  readonly backend: TaskHubBackend;
  readonly ambient: Ambient;
  readonly log: Logger;
  readonly taskHub: string;
  readonly retention: RetentionSettings;
  /** Waits; returns early when the signal aborts. @default real time */
  readonly wait?: Wait;
}

const PAGE_SIZE = 100;
/** A purge is a handful of requests, one after the other. */
const AT_ONCE = 8;
/** Between two walks, and before the first one: a part of the shortest time, within these. */
const SHORTEST_PAUSE_MS = 10_000;
const LONGEST_PAUSE_MS = 15 * 60_000;
const PAUSES_PER_KEEP_TIME = 4;
/** After a failure. */
const RETRY_MS = 60_000;

interface Walk {
  instances: number;
  records: number;
}

export class RetentionPurger {
  readonly #options: RetentionPurgerOptions;
  readonly #statuses: readonly FinalStatus[];
  readonly #wait: Wait;
  readonly #pauseMs: number;
  readonly #walk: BackgroundWalk;
  /** When the next purge may begin. */
  #nextMs = 0;

  constructor(options: RetentionPurgerOptions) {
    this.#options = options;
    this.#statuses = expiringStatuses(options.retention);
    this.#wait = options.wait ?? pause;
    const shortestMs = Math.min(
      ...this.#statuses.map((status) => shortestKeepMs(options.retention, status)),
    );
    this.#pauseMs = Math.min(
      Math.max(shortestMs / PAUSES_PER_KEEP_TIME, SHORTEST_PAUSE_MS),
      LONGEST_PAUSE_MS,
    );
    const turn = (): Promise<number> => this.#purgeAll();
    this.#walk = new BackgroundWalk({ firstPauseMs: this.#pauseMs, wait: this.#wait, turn });
  }

  start(): void {
    if (this.#statuses.length > 0) this.#walk.start();
  }

  /** Resolves when the purges under way are done. */
  stop(): Promise<void> {
    return this.#walk.stop();
  }

  /** @returns the pause until the next walk. */
  async #purgeAll(): Promise<number> {
    const { log, taskHub } = this.#options;
    const walk = { instances: 0, records: 0 };
    let pauseMs = this.#pauseMs;
    try {
      for (const status of this.#statuses) await this.#purgeStatus(status, walk);
    } catch (error) {
      pauseMs = RETRY_MS;
      loopFailed(log, { taskHub, loop: 'retention', pauseMs }, error);
    }
    if (walk.instances > 0) instancesExpired(log, { taskHub, ...walk });
    return pauseMs;
  }

  async #purgeStatus(status: FinalStatus, walk: Walk): Promise<void> {
    const { backend, ambient, retention } = this.#options;
    const keptMs = shortestKeepMs(retention, status);
    let continuationToken: string | undefined;
    do {
      if (!this.#mayGoOn()) return;
      const page = await backend.listInstances({
        runtimeStatuses: [status],
        lastUpdatedTo: new Date(ambient.now() - keptMs),
        excludeEntities: true,
        pageSize: PAGE_SIZE,
        includeInput: false,
        includeOutput: false,
        ...(continuationToken === undefined ? {} : { continuationToken }),
      });
      const expired = page.instances.filter((record) => this.#isExpired(record));
      await atMost(AT_ONCE, expired, (record) => this.#purge(record, walk));
      ({ continuationToken } = page);
    } while (continuationToken !== undefined);
  }

  /** The end of an instance is its last change. */
  #isExpired(record: InstanceRecord): boolean {
    const endedMs = Date.parse(record.completedTime ?? record.lastUpdatedTime);
    return endedMs + keepMs(this.#options.retention, record) <= this.#options.ambient.now();
  }

  /** One that cannot be purged keeps no other from it. @throws {BackendUnavailableError} */
  async #purge(record: InstanceRecord, walk: Walk): Promise<void> {
    const { backend, log, taskHub } = this.#options;
    await this.#turn();
    if (!this.#mayGoOn()) return;
    try {
      // Since it was listed, somebody may have rewound it: its row would go, and not be its own any more.
      const found = await backend.findInstance(record.instanceId);
      if (found?.etag !== record.etag) return;
      const purged = await purgeInstance(backend, record.instanceId, record);
      if (purged === undefined) return;
      walk.instances += 1;
      walk.records += purged.recordsDeleted;
    } catch (error) {
      if (error instanceof BackendUnavailableError && !error.isRefusal) throw error;
      purgeFailed(log, { taskHub, instanceId: record.instanceId }, error);
    }
  }

  /** Waits until one more purge is within the rate. */
  async #turn(): Promise<void> {
    const nowMs = this.#options.ambient.now();
    const atMs = Math.max(nowMs, this.#nextMs);
    this.#nextMs = atMs + 1000 / this.#options.retention.purgesPerSecond;
    if (atMs > nowMs) await this.#wait(atMs - nowMs, this.#walk.signal);
  }

  #mayGoOn(): boolean {
    return !this.#walk.signal.aborted && this.#options.backend.leads();
  }
}
