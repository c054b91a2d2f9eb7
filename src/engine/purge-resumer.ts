/**
 * Goes on with purges of whole trees that broke off, be it that the process ended which was at them, or that storage was away: of several
 * workers of the hub, one does it. Who is still at one is not in the way: what is gone is not purged twice.
 */
import { pause } from '../base/pause.ts';
import { InstanceNotFoundError, InstanceStateConflictError } from '../core/errors.ts';
import { loopFailed, purgeLeftOff, purgeResumed } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Ambient } from './ambient.ts';
import type { TaskHubBackend, TreePurge } from './backend.ts';
import { purgeTree } from './instance-tree.ts';
import { checkPurgeable } from './purge-instances.ts';

export interface PurgeResumerOptions {
  readonly backend: TaskHubBackend;
  readonly ambient: Ambient;
  readonly log: Logger;
  readonly taskHub: string;
  /** Waits; returns early when the signal aborts. @default real time */
  readonly wait?: (ms: number, signal: AbortSignal) => Promise<void>;
}

/** What broke off did so when a process ended, mostly: a process looks soon, and then seldom. */
const FIRST_LOOK_MS = 5_000;
const PAUSE_MS = 10 * 60_000;

export class PurgeResumer {
  readonly #options: PurgeResumerOptions;
  readonly #stopping = new AbortController();
  #loop: Promise<void> | undefined;

  constructor(options: PurgeResumerOptions) {
    this.#options = options;
  }

  start(): void {
    this.#loop ??= this.#run();
  }

  /** Resolves when the purges of single instances that are under way are done. */
  async stop(): Promise<void> {
    this.#stopping.abort();
    await this.#loop;
  }

  async #run(): Promise<void> {
    const { backend, log, taskHub, wait = pause } = this.#options;
    const { signal } = this.#stopping;
    for (let pauseMs = FIRST_LOOK_MS; ; pauseMs = PAUSE_MS) {
      await wait(pauseMs, signal);
      if (signal.aborted) return;
      if (!backend.leads()) continue;
      try {
        for (const purge of await backend.listPurges()) await this.#resume(purge);
      } catch (error) {
        if (this.#stopping.signal.aborted) return;
        loopFailed(log, { taskHub, loop: 'purge', pauseMs: PAUSE_MS }, error);
      }
    }
  }

  async #resume(purge: TreePurge): Promise<void> {
    const { backend, log, taskHub } = this.#options;
    const { signal } = this.#stopping;
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
