/**
 * What clients can do with an instance and all sub-orchestrations below it: terminate, suspend, resume, purge. The other halves are
 * `TaskHubClient`, for single instances, and `EntityClient`. The .NET extension has no such thing and leaves children alone.
 */
import { toInstanceId, type InstanceId } from '../../core/ids.ts';
import type { RuntimeStatus } from '../../core/instance-status.ts';
import {
  resumeMessage,
  suspendMessage,
  terminateMessage,
} from '../../core/lifecycle/control-messages.ts';
import { reachingChildren } from '../../core/lifecycle/steer-children.ts';
import type { Logger } from '../../telemetry/log.ts';
import type { Ambient } from '../ambient.ts';
import type { TaskHubClientBackend } from '../backend.ts';
import { purgeTree, steerTree, type TreeReport } from './instance-tree.ts';
import { checkPurgeable } from '../purge/purge-instances.ts';
import { findRepaired } from '../examine/repair-instance.ts';

export type { TreeInstance, TreeReport } from './instance-tree.ts';

export interface TreeClientOptions {
  readonly backend: TaskHubClientBackend;
  readonly ambient: Ambient;
  readonly log: Logger;
  readonly taskHub: string;
}

export class TreeClient {
  readonly #options: TreeClientOptions;

  constructor(options: TreeClientOptions) {
    this.#options = options;
  }

  /**
   * Terminates an instance and all sub-orchestrations below it that still run. A finished root is no error: what is left
   * below it is reached.
   * @param signal ends the wait for workers, at most 5 s; every instance is asked all the same.
   * @throws {InstanceNotFoundError}
   *
   * @example
   * const { instances, isSettled } = await client.trees.terminate('order-7', 'cancelled');
   */
  async terminate(
    instanceId: string,
    reason: string | null,
    signal?: AbortSignal,
  ): Promise<TreeReport> {
    const steering = {
      isNeeded: () => true,
      message: (id: InstanceId) => reachingChildren(terminateMessage(id, reason, this.#now())),
    };
    return await steerTree(this.#options, toInstanceId(instanceId), steering, signal);
  }

  /** Suspends an instance and all sub-orchestrations below it; `signal` as for `terminate`. @throws {InstanceNotFoundError} */
  async suspend(
    instanceId: string,
    reason: string | null,
    signal?: AbortSignal,
  ): Promise<TreeReport> {
    const steering = {
      isNeeded: (status: RuntimeStatus) => status !== 'Suspended',
      message: (id: InstanceId) => reachingChildren(suspendMessage(id, reason, this.#now())),
    };
    return await steerTree(this.#options, toInstanceId(instanceId), steering, signal);
  }

  /**
   * Resumes an instance and all sub-orchestrations below it that are suspended; `signal` as for `terminate`.
   * @throws {InstanceNotFoundError}
   */
  async resume(
    instanceId: string,
    reason: string | null,
    signal?: AbortSignal,
  ): Promise<TreeReport> {
    const steering = {
      isNeeded: (status: RuntimeStatus) => status === 'Suspended',
      message: (id: InstanceId) => reachingChildren(resumeMessage(id, reason, this.#now())),
    };
    return await steerTree(this.#options, toInstanceId(instanceId), steering, signal);
  }

  /**
   * Deletes a finished instance and all sub-orchestrations below it.
   * @throws {InstanceNotFoundError}
   * @throws {InstanceStateConflictError} when one of them is not finished; then nothing is deleted.
   */
  async purge(instanceId: string): Promise<TreeReport> {
    const { backend, log, taskHub } = this.#options;
    const root = toInstanceId(instanceId);
    // A row that a crash left behind would look unfinished.
    await findRepaired(backend, root, {}, { log, taskHub, now: this.#now() });
    return await purgeTree(this.#options, root, checkPurgeable);
  }

  #now(): string {
    return new Date(this.#options.ambient.now()).toISOString();
  }
}
