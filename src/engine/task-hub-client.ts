/**
 * What clients can do with a task hub, over any backend: start, look, steer, purge. Knows no HTTP; the management API, the
 * CLI and the durable client binding are doors to it. Mirrors DurableClient of the .NET extension.
 */
import { askAgain } from '../base/ask-again.ts';
import {
  InstanceNotFoundError,
  InstanceStateConflictError,
  InvalidInputError,
} from '../core/errors.ts';
import type { HistoryEvent, Tags } from '../core/history-event.ts';
import { isEntityId, parseInstanceId, toInstanceId, type InstanceId } from '../core/ids.ts';
import { isTerminal, type InstanceRecord } from '../core/instance-status.ts';
import {
  resumeMessage,
  suspendMessage,
  terminateMessage,
} from '../core/lifecycle/control-messages.ts';
import { startMessage, type OverridableStates } from '../core/lifecycle/start.ts';
import { reachingChildren } from '../core/lifecycle/steer-children.ts';
import { orchestrationScheduled } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Ambient } from './ambient.ts';
import {
  DEFAULT_MAX_PAGE_LENGTH,
  type InstancePage,
  type InstanceQuery,
  type TaskHubClientBackend,
} from './backend.ts';
import { endReplacedInstance } from './end-replaced-instance.ts';
import { EntityClient } from './entity-client.ts';
import { purgeTree, steerTree, type Steering, type TreeReport } from './instance-tree.ts';
import {
  checkPurgeable,
  purgeBy,
  purgeOne,
  type PurgeFilter,
  type PurgeReport,
} from './purge-instances.ts';
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

export type {
  CleanEntityStorageOptions,
  CleanEntityStorageResult,
  EntityPage,
  EntityQuery,
  EntityRecord,
} from './entity-client.ts';
export type { TreeInstance, TreeReport } from './instance-tree.ts';
export type { PurgeFilter, PurgeReport } from './purge-instances.ts';

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

export interface StartOptions {
  readonly name: string;
  /** A random one when absent. */
  readonly instanceId?: string;
  /** JSON text; null for none. */
  readonly input: string | null;
  readonly version?: string;
  /** ISO 8601; the instance stays Pending until then. */
  readonly scheduledStartTime?: string;
  readonly tags?: Tags | null;
}

/** What becomes of the instance that starts again. */
export type RestartOptions = {
  /** Asked before anything is started; what it throws, `restart` does. */
  readonly checkName?: (functionName: string) => void;
} & (
  | { readonly withNewInstanceId: boolean }
  | {
      readonly newInstanceId: InstanceId;
      /** That of the client when absent; empty for none. */
      readonly version?: string;
    }
);

/** The tag of a copy that says which instance it was made of. */
const SOURCE_TAG = 'MS_DurableFunctions_SourceInstanceId';

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
  readonly #backend: TaskHubClientBackend;
  readonly #ambient: Ambient;
  readonly #log: Logger;
  readonly #overridableStates: OverridableStates;
  readonly #defaultVersion: string | null;

  constructor(options: TaskHubClientOptions) {
    this.taskHub = options.taskHub;
    this.#backend = options.backend;
    this.#ambient = options.ambient;
    this.#log = options.log;
    this.#overridableStates = options.overridableStates ?? 'NonRunningStates';
    this.#defaultVersion = options.defaultVersion ?? null;
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
    return await this.#start(chosenId, options, signal);
  }

  async #start(
    chosenId: InstanceId | undefined,
    options: Omit<StartOptions, 'instanceId'>,
    signal: AbortSignal | undefined,
  ): Promise<InstanceId> {
    // A random id needs no look at storage: nothing can have it.
    const existing = chosenId && (await this.#makeWay(chosenId, signal));
    const message = startMessage(
      {
        instanceId: chosenId ?? toInstanceId(this.#ambient.newId()),
        executionId: this.#ambient.newId(),
        name: options.name,
        version: options.version ?? this.#defaultVersion,
        input: options.input,
        scheduledStartTime: options.scheduledStartTime ?? null,
        now: this.#now(),
        tags: options.tags ?? null,
      },
      existing,
      this.#overridableStates,
    );
    const { instanceId } = message.target;
    await this.#backend.createInstance(message, existing);
    orchestrationScheduled(this.#log, {
      taskHub: this.taskHub,
      instanceId,
      functionName: options.name,
    });
    return instanceId;
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
   * Terminates an instance and all sub-orchestrations below it that still run. A finished root is no error: what is left
   * below it is reached.
   * @param signal ends the wait for workers, at most 5 s; every instance is asked all the same.
   * @throws {InstanceNotFoundError}
   */
  async terminateTree(
    instanceId: string,
    reason: string | null,
    signal?: AbortSignal,
  ): Promise<TreeReport> {
    const steering: Steering = {
      isNeeded: () => true,
      message: (id) => reachingChildren(terminateMessage(id, reason, this.#now())),
    };
    return await steerTree(this.#deps, toInstanceId(instanceId), steering, signal);
  }

  /** Suspends an instance and all sub-orchestrations below it; `signal` as for `terminateTree`. @throws {InstanceNotFoundError} */
  async suspendTree(
    instanceId: string,
    reason: string | null,
    signal?: AbortSignal,
  ): Promise<TreeReport> {
    const steering: Steering = {
      isNeeded: (status) => status !== 'Suspended',
      message: (id) => reachingChildren(suspendMessage(id, reason, this.#now())),
    };
    return await steerTree(this.#deps, toInstanceId(instanceId), steering, signal);
  }

  /**
   * Resumes an instance and all sub-orchestrations below it that are suspended; `signal` as for `terminateTree`.
   * @throws {InstanceNotFoundError}
   */
  async resumeTree(
    instanceId: string,
    reason: string | null,
    signal?: AbortSignal,
  ): Promise<TreeReport> {
    const steering: Steering = {
      isNeeded: (status) => status === 'Suspended',
      message: (id) => reachingChildren(resumeMessage(id, reason, this.#now())),
    };
    return await steerTree(this.#deps, toInstanceId(instanceId), steering, signal);
  }

  /**
   * Deletes a finished instance and all sub-orchestrations below it.
   * @throws {InstanceNotFoundError}
   * @throws {InstanceStateConflictError} when one of them is not finished; then nothing is deleted.
   */
  async purgeTree(instanceId: string): Promise<TreeReport> {
    await this.#find(toInstanceId(instanceId));
    return await purgeTree(this.#deps, toInstanceId(instanceId), checkPurgeable);
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
    options.checkName?.(record.name);
    const chosenId =
      'newInstanceId' in options
        ? options.newInstanceId
        : options.withNewInstanceId
          ? undefined
          : record.instanceId;
    const again = {
      name: record.name,
      input: record.input,
      tags:
        chosenId === record.instanceId
          ? record.tags
          : { ...record.tags, [SOURCE_TAG]: record.instanceId },
      ...('version' in options ? { version: options.version } : {}),
    };
    return await this.#start(chosenId, again, signal);
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

  /** The row that a start replaces. */
  async #makeWay(
    instanceId: InstanceId,
    signal?: AbortSignal,
  ): Promise<InstanceRecord | undefined> {
    const existing = await this.#find(instanceId);
    if (!existing || this.#overridableStates !== 'AnyState') return existing;
    return endReplacedInstance(this.#deps, existing, signal);
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
