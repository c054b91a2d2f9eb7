/**
 * Goes on with purges of whole trees that broke off, be it that the process ended which was at them, or that storage was away: of several
 * workers of the hub, one does it. Who is still at one is not in the way: what is gone is not purged twice.
 */
import { InstanceNotFoundError, InstanceStateConflictError } from '../../core/errors.ts';
import { loopFailed, purgeLeftOff, purgeResumed } from '../../telemetry/log-events.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Ambient } from '../ambient.ts';
import { BackgroundWalk, type Wait } from '../background-walk.ts';
import type { TaskHubBackend, TreePurge } from '../backend.ts';
import { purgeTree } from '../client/instance-tree.ts';
import { checkPurgeable } from './purge-instances.ts';

export interface PurgeResumerOptions {
  readonly backend: TaskHubBackend;
  readonly ambient: Ambient;
  readonly log: Logger;
  readonly taskHub: string;
  /** Waits; returns early when the signal aborts. @default real time */
  readonly wait?: Wait;
}

/** What broke off did so when a process ended, mostly: a process looks soon, and then seldom. */
const FIRST_LOOK_MS = 5_000;
const PAUSE_MS = 10 * 60_000;

export class PurgeResumer {
  readonly #options: PurgeResumerOptions;
  readonly #walk: BackgroundWalk;

  constructor(options: PurgeResumerOptions) {
    this.#options = options;
    const { wait } = options;
    const turn = (): Promise<number> => this.#resumeAll();
    this.#walk = new BackgroundWalk({ firstPauseMs: FIRST_LOOK_MS, wait, turn });
  }

  start(): void {
    this.#walk.start();
  }

  /** Resolves when the purges of single instances that are under way are done. */
  stop(): Promise<void> {
    return this.#walk.stop();
  }

  /** @returns the pause until the next look. */
  async #resumeAll(): Promise<number> {
    const { backend, log, taskHub } = this.#options;
    if (!backend.leads()) return PAUSE_MS;
    try {
      for (const purge of await backend.listPurges()) await this.#resume(purge);
    } catch (error) {
      if (!this.#walk.signal.aborted) {
        loopFailed(log, { taskHub, loop: 'purge', pauseMs: PAUSE_MS }, error);
      }
    }
    return PAUSE_MS;
  }

  async #resume(purge: TreePurge): Promise<void> {
    const { backend, log, taskHub } = this.#options;
    const { signal } = this.#walk;
    const { instanceId } = purge;
    const root = await backend.findInstance(instanceId);
    // What was started anew is not what was to be purged.
    if (root === undefined || root.executionId !== purge.executionId) {
      await backend.forgetPurge(purge);
      return;
    }
    try {
      const { instances } = await purgeTree(this.#options, instanceId, checkPurgeable, signal);
      await backend.forgetPurge(purge);
      purgeResumed(log, { taskHub, instanceId, instances: instances.length });
    } catch (error) {
      // One of them goes on: what is left of the tree is not over.
      const isOver =
        error instanceof InstanceStateConflictError || error instanceof InstanceNotFoundError;
      if (!isOver) throw error;
      await backend.forgetPurge(purge);
      purgeLeftOff(log, { taskHub, instanceId }, error);
    }
  }
}
