/**
 * How many workers a hub wants, for those who start and stop them. However often it is asked, storage is only from time to time:
 * scalers ask every few seconds, each of them, and every worker of the hub may be asked.
 */
import type { HubBacklog } from '../core/hub-backlog.ts';
import { wantedWorkers, type ScaleRule } from '../core/wanted-workers.ts';
import type { TaskHubClientBackend } from './backend.ts';

export interface ScaleReport {
  readonly taskHub: string;
  readonly wantedWorkers: number;
  /** One sentence, for people. */
  readonly reason: string;
  /** ISO 8601, UTC. */
  readonly readTime: string;
  readonly backlog: HubBacklog;
}

export interface ScaleSignalOptions {
  readonly backend: Pick<TaskHubClientBackend, 'readBacklog'>;
  readonly taskHub: string;
  readonly rule: ScaleRule;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
  /** How long a report is given out. @default 5000 */
  readonly keepMs?: number;
}

const KEEP_MS = 5_000;

export class ScaleSignal {
  readonly #options: ScaleSignalOptions;
  #latest: { readonly report: Promise<ScaleReport>; readonly askedMs: number } | undefined;

  constructor(options: ScaleSignalOptions) {
    this.#options = options;
  }

  /** @throws {BackendUnavailableError} which is not kept: the next call asks again. */
  report(): Promise<ScaleReport> {
    const { now, keepMs = KEEP_MS } = this.#options;
    const ageMs = this.#latest === undefined ? Infinity : now() - this.#latest.askedMs;
    // A clock that was set back must not keep a report.
    if (this.#latest !== undefined && ageMs >= 0 && ageMs < keepMs) return this.#latest.report;
    const latest = { report: this.#read(), askedMs: now() };
    this.#latest = latest;
    latest.report.catch(() => {
      if (this.#latest === latest) this.#latest = undefined;
    });
    return latest.report;
  }

  async #read(): Promise<ScaleReport> {
    const { backend, taskHub, rule, now } = this.#options;
    const backlog = await backend.readBacklog();
    const { count, reason } = wantedWorkers(backlog, rule);
    const readTime = new Date(now()).toISOString();
    return { taskHub, wantedWorkers: count, reason, readTime, backlog };
  }
}
