/**
 * What clients can do with a task hub, over any backend: start, look, steer, purge. Knows no HTTP; the management API, the
 * CLI and the durable client binding are doors to it. What is about entities, and about whole trees, has a client of its own in it.
 * Mirrors DurableClient of the .NET extension.
 */
import { askAgain } from '../base/ask-again.ts';
import {
  InstanceNotFoundError,
  InstanceStateConflictError,
  InvalidInputError,
} from '../core/errors.ts';
import type { HistoryEvent } from '../core/history-event.ts';
import { isEntityId, parseInstanceId, toInstanceId, type InstanceId } from '../core/ids.ts';
import { isTerminal, type InstanceRecord } from '../core/instance-status.ts';
import type { OverridableStates } from '../core/lifecycle/start.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Ambient } from './ambient.ts';
import {
  DEFAULT_MAX_PAGE_LENGTH,
  type InstancePage,
  type InstanceQuery,
  type TaskHubClientBackend,
} from './backend.ts';
import { EntityClient } from './entity-client.ts';
import { InstanceStarter, type RestartOptions, type StartOptions } from './instance-starter.ts';
import { purgeBy, purgeOne, type PurgeFilter, type PurgeReport } from './purge-instances.ts';
import { findRepaired } from './repair-instance.ts';
import { rewindInstance } from './rewind-instance.ts';
import {
  raiseEvent,
  resume,
  steeringMessage,
  suspend,
  terminate,
  type Steer,
} from './steer-instance.ts';
import { TreeClient } from './tree-client.ts';

export type {
  CleanEntityStorageOptions,
  CleanEntityStorageResult,
  EntityPage,
  EntityQuery,
  EntityRecord,
} from './entity-client.ts';
export type { RestartOptions, StartOptions } from './instance-starter.ts';
export type { PurgeFilter, PurgeReport } from './purge-instances.ts';
export type { TreeInstance, TreeReport } from './tree-client.ts';

export interface TaskHubClientOptions {
  /** Need not be started. */
  readonly backend: TaskHubClientBackend;
  readonly ambient: Ambient;
  readonly log: Logger;
  readonly taskHub: string;
  /** @default 'NonRunningStates' */
  readonly overridableStates?: OverridableStates;
  /** Version given to instances started without one; null for none. @default null */
  readonly defaultVersion?: string | null;
  /** As the workers of the hub have it. @default 30 minutes */
  readonly entityMessageReorderWindowMs?: number;
}

const DEFAULT_REORDER_WINDOW_MS = 30 * 60 * 1000;

/**
 * @example
 * const ambient = { now: Date.now, newId: () => randomUUID().replaceAll('-', '') };
 * const client = new TaskHubClient({ backend, ambient, log, taskHub: 'Orders' });
 * const id = await client.start({ name: 'Ship', input: '{"order":1}' });
 * const ended = await client.waitForTerminal(id, { timeoutMs: 60_000, intervalMs: 500 });
 */
export class TaskHubClient {
  readonly taskHub: string;
  /** Of the same hub. */
  readonly entities: EntityClient;
  /** Instances of the same hub with all that is below them. */
  readonly trees: TreeClient;
  readonly #backend: TaskHubClientBackend;
  readonly #ambient: Ambient;
  readonly #log: Logger;
  readonly #starter: InstanceStarter;

  constructor(options: TaskHubClientOptions) {
    this.taskHub = options.taskHub;
    this.#backend = options.backend;
    this.#ambient = options.ambient;
    this.#log = options.log;
    this.#starter = new InstanceStarter({
      ...options,
      overridableStates: options.overridableStates ?? 'NonRunningStates',
      defaultVersion: options.defaultVersion ?? null,
    });
    this.trees = new TreeClient(options);
    this.entities = new EntityClient({
      backend: options.backend,
      ambient: options.ambient,
      reorderWindowMs: options.entityMessageReorderWindowMs ?? DEFAULT_REORDER_WINDOW_MS,
    });
  }

  /**
   * @param signal gives up while the instance that has the id is being ended; it may end all the same.
   * @returns the id of the new instance.
   * @throws {InvalidInputError} for an empty name, a name that starts with `@`, or an id that breaks the rules.
   * @throws {InstanceExistsError} when the id belongs to an instance that may not be replaced.
   * @throws {InstanceStateConflictError} when it may be replaced, but did not end within three minutes.
   * @throws the reason of `signal`, when it aborts; then nothing was started.
   */
  async start(options: StartOptions, signal?: AbortSignal): Promise<InstanceId> {
    if (options.name === '' || options.name.startsWith('@')) {
      throw new InvalidInputError(
        `'${options.name}' is not an orchestrator name: it must not be empty or start with @.`,
      );
    }
    const chosenId = options.instanceId ? parseInstanceId(options.instanceId) : undefined;
    return await this.#starter.start(chosenId, options, signal);
  }

  /** Payloads that are gone are named in their place. */
  async findStatus(
    instanceId: string,
    include: { readonly input: boolean; readonly output?: boolean },
  ): Promise<InstanceRecord | undefined> {
    return await this.#find(toInstanceId(instanceId), {
      input: include.input,
      output: include.output ?? true,
      namesLost: true,
    });
  }

  /** The history of the current execution, in order; empty when there is none. Payloads that are gone are named. */
  async readHistory(instanceId: string): Promise<readonly HistoryEvent[]> {
    return await this.#backend.readHistory(toInstanceId(instanceId), { namesLost: true });
  }

  /** A page holds less than was asked for when its payloads are long. @throws {InvalidContinuationTokenError} */
  async list(query: InstanceQuery): Promise<InstancePage> {
    return await this.#backend.listInstances({ maxPageLength: DEFAULT_MAX_PAGE_LENGTH, ...query });
  }

  /**
   * @param input JSON text; null for none.
   * @throws {InstanceNotFoundError}
   * @throws {InstanceStateConflictError} when the instance is finished.
   */
  async raiseEvent(instanceId: string, eventName: string, input: string | null): Promise<void> {
    await this.#steer(instanceId, raiseEvent(eventName, input));
  }

  /**
   * Has the app of this process work on the hub, in place of the app that does. Mirrors MakeCurrentAppPrimaryAsync.
   * @throws {DurableError} `CONFIG`, when apps do not take turns on this hub.
   */
  makePrimary(): Promise<void> {
    return this.#backend.claimHub();
  }

  /** @throws {InstanceNotFoundError} @throws {InstanceStateConflictError} when the instance is finished. */
  async terminate(instanceId: string, reason: string | null): Promise<void> {
    await this.#steer(instanceId, terminate(reason));
  }

  /** @throws {InstanceNotFoundError} @throws {InstanceStateConflictError} when the instance is finished or suspended already. */
  async suspend(instanceId: string, reason: string | null): Promise<void> {
    await this.#steer(instanceId, suspend(reason));
  }

  /** @throws {InstanceNotFoundError} @throws {InstanceStateConflictError} when the instance is not suspended. */
  async resume(instanceId: string, reason: string | null): Promise<void> {
    await this.#steer(instanceId, resume(reason));
  }

  /**
   * Lets a failed instance go on from before its failures, the sub-orchestrations that failed below it included. A rewind
   * that broke off can be asked for again and completes.
   * @throws {InstanceNotFoundError}
   * @throws {InstanceStateConflictError} when the instance has not failed.
   * @throws {SessionLostError} when two rewinds of the instance meet; one of them succeeds.
   */
  async rewind(instanceId: string, reason: string | null): Promise<void> {
    const record = await this.#find(toInstanceId(instanceId));
    if (!record) throw new InstanceNotFoundError(instanceId);
    if (record.runtimeStatus !== 'Failed') {
      throw new InstanceStateConflictError(
        instanceId,
        record.runtimeStatus,
        `This orchestration has status ${record.runtimeStatus}, but only orchestrations in the "Failed" state can be rewound.`,
      );
    }
    await rewindInstance(this.#deps, record, reason);
  }

  /**
   * Starts an instance again with the name, input and tags it had; `signal` as for `start`. Its version is that of the client,
   * unless another is asked for. One under a new id is tagged with the id it was made of.
   * @throws {InstanceNotFoundError} also for an entity.
   * @throws {InstanceExistsError} when the id belongs to an instance that may not be replaced.
   */
  async restart(
    instanceId: string,
    options: RestartOptions,
    signal?: AbortSignal,
  ): Promise<InstanceId> {
    const record = await this.#find(toInstanceId(instanceId), { input: true });
    if (!record || isEntityId(instanceId)) throw new InstanceNotFoundError(instanceId);
    return await this.#starter.restart(record, options, signal);
  }

  /**
   * Deletes a finished instance with its history and large payloads; an entity in any state.
   * @returns how many instances were deleted: 1, or 0 when there is none with this id.
   * @throws {InstanceStateConflictError} when the instance is not finished.
   */
  async purge(instanceId: string): Promise<number> {
    const record = await this.#find(toInstanceId(instanceId));
    return record ? await purgeOne(this.#backend, record) : 0;
  }

  /** Purges every finished instance that matches. @returns how many were deleted. */
  async purgeBy(filter: PurgeFilter): Promise<number> {
    return (await purgeBy(this.#deps, filter)).instancesDeleted;
  }

  /**
   * The same for a while, for callers who want to hear of it in time: it goes on where the last report says.
   * @throws {InvalidContinuationTokenError}
   */
  async purgeForAWhile(
    filter: PurgeFilter,
    { budgetMs, continuationToken }: { budgetMs: number; continuationToken?: string | undefined },
  ): Promise<PurgeReport> {
    const deadlineMs = this.#ambient.now() + budgetMs;
    return await purgeBy(this.#deps, filter, { deadlineMs, continuationToken });
  }

  /**
   * Looks at the instance every `intervalMs` until it is finished.
   * @returns its record; undefined when `timeoutMs` passed first, or `signal` aborted.
   * @throws {InstanceNotFoundError}
   */
  async waitForTerminal(
    instanceId: string,
    wait: {
      readonly timeoutMs: number;
      readonly intervalMs: number;
      readonly signal?: AbortSignal;
    },
  ): Promise<InstanceRecord | undefined> {
    const ended = async (): Promise<InstanceRecord | undefined> => {
      const record = await this.findStatus(instanceId, { input: true });
      if (!record) throw new InstanceNotFoundError(instanceId);
      return isTerminal(record.runtimeStatus) ? record : undefined;
    };
    return await askAgain(ended, {
      now: () => this.#ambient.now(),
      deadlineMs: this.#ambient.now() + wait.timeoutMs,
      firstPauseMs: wait.intervalMs,
      longestPauseMs: wait.intervalMs,
      signal: wait.signal,
    });
  }

  #find(
    instanceId: InstanceId,
    include: Parameters<TaskHubClientBackend['findInstance']>[1] = {},
  ): Promise<InstanceRecord | undefined> {
    const context = { log: this.#log, taskHub: this.taskHub, now: this.#now() };
    return findRepaired(this.#backend, instanceId, include, context);
  }

  async #steer(instanceId: string, steer: Steer): Promise<void> {
    const record = await this.#find(toInstanceId(instanceId));
    await this.#backend.sendMessage(
      steeringMessage(instanceId, record, steer, this.#ambient.now()),
    );
  }

  get #deps(): { readonly backend: TaskHubClientBackend; readonly ambient: Ambient } {
    return { backend: this.#backend, ambient: this.#ambient };
  }

  #now(): string {
    return new Date(this.#ambient.now()).toISOString();
  }
}
