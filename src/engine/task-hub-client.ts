/**
 * What clients can do with a task hub, over any backend: start, look, steer, purge. Knows no HTTP; the management API, the
 * CLI and the durable client binding are doors to it. Mirrors DurableClient of the .NET extension.
 */
import { checkEntityId, entityInstanceId } from '../core/entity/entity-id.ts';
import { decodeSchedulerState } from '../core/entity/scheduler-state.ts';
import { toGuid } from '../base/guid.ts';
import { parseInstanceId, toInstanceId, type InstanceId } from '../core/ids.ts';
import {
  InstanceNotFoundError,
  InstanceStateConflictError,
  InvalidInputError,
} from '../core/errors.ts';
import type { HistoryEvent, Tags } from '../core/history-event.ts';
import { isTerminal, type InstanceRecord } from '../core/instance-status.ts';
import {
  raiseEventMessage,
  resumeMessage,
  suspendMessage,
  terminateMessage,
} from '../core/lifecycle/control-messages.ts';
import { startMessage, type OverridableStates } from '../core/lifecycle/start.ts';
import { reachingChildren } from '../core/lifecycle/steer-children.ts';
import { signalEntityMessage } from '../core/lifecycle/signal-entity.ts';
import type { TaskMessage } from '../core/task-message.ts';
import { orchestrationScheduled } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Ambient } from './ambient.ts';
import type { InstancePage, InstanceQuery, TaskHubBackend } from './backend.ts';
import {
  cleanEntityStorage,
  type CleanEntityStorageOptions,
  type CleanEntityStorageResult,
} from './clean-entity-storage.ts';
import { endReplacedInstance } from './end-replaced-instance.ts';
import { listEntities, type EntityPage, type EntityQuery } from './entity-queries.ts';
import { purgeTree, steerTree, type Steering, type TreeReport } from './instance-tree.ts';
import { pause } from '../base/pause.ts';
import { checkPurgeable, purgeBy, purgeOne, type PurgeFilter } from './purge-instances.ts';
import { findRepaired } from './repair-instance.ts';
import { rewindInstance } from './rewind-instance.ts';

export type {
  CleanEntityStorageOptions,
  CleanEntityStorageResult,
} from './clean-entity-storage.ts';
export type { EntityPage, EntityQuery, EntityRecord } from './entity-queries.ts';
export type { TreeInstance, TreeReport } from './instance-tree.ts';
export type { PurgeFilter } from './purge-instances.ts';

export interface TaskHubClientOptions {
  readonly backend: TaskHubBackend;
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

const DEFAULT_REORDER_WINDOW_MS = 30 * 60 * 1000;

export class TaskHubClient {
  readonly taskHub: string;
  readonly #backend: TaskHubBackend;
  readonly #ambient: Ambient;
  readonly #log: Logger;
  readonly #overridableStates: OverridableStates;
  readonly #defaultVersion: string | null;
  readonly #entityMessageReorderWindowMs: number;

  constructor(options: TaskHubClientOptions) {
    this.taskHub = options.taskHub;
    this.#backend = options.backend;
    this.#ambient = options.ambient;
    this.#log = options.log;
    this.#overridableStates = options.overridableStates ?? 'NonRunningStates';
    this.#defaultVersion = options.defaultVersion ?? null;
    this.#entityMessageReorderWindowMs =
      options.entityMessageReorderWindowMs ?? DEFAULT_REORDER_WINDOW_MS;
  }

  /**
   * @returns the id of the new instance.
   * @throws {InvalidInputError} for an empty name, a name that starts with `@`, or an id that breaks the rules.
   * @throws {InstanceExistsError} when the id belongs to an instance that may not be replaced.
   * @throws {InstanceStateConflictError} when it may be replaced, but did not end.
   */
  async start(options: StartOptions): Promise<InstanceId> {
    if (options.name === '' || options.name.startsWith('@')) {
      throw new InvalidInputError(
        `'${options.name}' is not an orchestrator name: it must not be empty or start with @.`,
      );
    }
    const chosenId = options.instanceId ? parseInstanceId(options.instanceId) : undefined;
    // A random id needs no look at storage: nothing can have it.
    const existing = chosenId && (await this.#makeWay(chosenId));
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

  /** @throws {InvalidContinuationTokenError} */
  async list(query: InstanceQuery): Promise<InstancePage> {
    return await this.#backend.listInstances(query);
  }

  /**
   * @param input JSON text; null for none.
   * @throws {InstanceNotFoundError}
   * @throws {InstanceStateConflictError} when the instance is finished.
   */
  async raiseEvent(instanceId: string, eventName: string, input: string | null): Promise<void> {
    if (eventName === '') throw new InvalidInputError('The name of an event must not be empty.');
    await this.#steer(instanceId, (id, now) => raiseEventMessage(id, eventName, input, now));
  }

  /** @throws {DurableError} `CONFIG`, when apps do not take turns on this hub. */
  makePrimary(): Promise<void> {
    return this.#backend.makePrimary();
  }

  /** @throws {InstanceNotFoundError} @throws {InstanceStateConflictError} when the instance is finished. */
  async terminate(instanceId: string, reason: string | null): Promise<void> {
    await this.#steer(instanceId, (id, now) => terminateMessage(id, reason, now));
  }

  /** @throws {InstanceNotFoundError} @throws {InstanceStateConflictError} when the instance is finished or suspended already. */
  async suspend(instanceId: string, reason: string | null): Promise<void> {
    await this.#steer(
      instanceId,
      (id, now) => suspendMessage(id, reason, now),
      (record) => {
        if (record.runtimeStatus === 'Suspended') throw cannot('suspend', record);
      },
    );
  }

  /** @throws {InstanceNotFoundError} @throws {InstanceStateConflictError} when the instance is not suspended. */
  async resume(instanceId: string, reason: string | null): Promise<void> {
    await this.#steer(
      instanceId,
      (id, now) => resumeMessage(id, reason, now),
      (record) => {
        if (record.runtimeStatus !== 'Suspended') throw cannot('resume', record);
      },
    );
  }

  /**
   * Terminates an instance and all sub-orchestrations below it that still run. A finished root is no error: what is left
   * below it is reached.
   * @throws {InstanceNotFoundError}
   */
  async terminateTree(instanceId: string, reason: string | null): Promise<TreeReport> {
    return await this.#steerTree(instanceId, {
      isNeeded: () => true,
      message: (id) => reachingChildren(terminateMessage(id, reason, this.#now())),
    });
  }

  /** Suspends an instance and all sub-orchestrations below it. @throws {InstanceNotFoundError} */
  async suspendTree(instanceId: string, reason: string | null): Promise<TreeReport> {
    return await this.#steerTree(instanceId, {
      isNeeded: (status) => status !== 'Suspended',
      message: (id) => reachingChildren(suspendMessage(id, reason, this.#now())),
    });
  }

  /** Resumes an instance and all sub-orchestrations below it that are suspended. @throws {InstanceNotFoundError} */
  async resumeTree(instanceId: string, reason: string | null): Promise<TreeReport> {
    return await this.#steerTree(instanceId, {
      isNeeded: (status) => status === 'Suspended',
      message: (id) => reachingChildren(resumeMessage(id, reason, this.#now())),
    });
  }

  /**
   * Deletes a finished instance and all sub-orchestrations below it.
   * @throws {InstanceNotFoundError}
   * @throws {InstanceStateConflictError} when one of them is not finished; then nothing is deleted.
   */
  async purgeTree(instanceId: string): Promise<TreeReport> {
    const deps = { backend: this.#backend, ambient: this.#ambient };
    await this.#find(toInstanceId(instanceId));
    return await purgeTree(deps, toInstanceId(instanceId), checkPurgeable);
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
    await rewindInstance({ backend: this.#backend, ambient: this.#ambient }, record, reason);
  }

  /**
   * Starts an instance again with the name, input, version and tags it had.
   * @throws {InstanceNotFoundError} @throws {InstanceExistsError} when it must keep its id and is not finished.
   */
  async restart(
    instanceId: string,
    options: { readonly withNewInstanceId: boolean },
  ): Promise<InstanceId> {
    const record = await this.#find(toInstanceId(instanceId), { input: true });
    if (!record) throw new InstanceNotFoundError(instanceId);
    return await this.start({
      name: record.name,
      input: record.input,
      tags: record.tags,
      ...(options.withNewInstanceId ? {} : { instanceId }),
      ...(record.version === null ? {} : { version: record.version }),
    });
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
    return await purgeBy({ backend: this.#backend, ambient: this.#ambient }, filter);
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
    const deadline = this.#ambient.now() + wait.timeoutMs;
    for (;;) {
      const record = await this.findStatus(instanceId, { input: true });
      if (!record) throw new InstanceNotFoundError(instanceId);
      if (isTerminal(record.runtimeStatus)) return record;
      const leftMs = deadline - this.#ambient.now();
      if (leftMs <= 0 || wait.signal?.aborted) return undefined;
      await pause(Math.min(wait.intervalMs, leftMs), wait.signal);
    }
  }

  /**
   * Sends a one-way request to an entity, which comes to be with the first one.
   * @param input JSON text; null for none.
   * @throws {InvalidInputError} when there can be no such entity.
   */
  async signalEntity(
    name: string,
    key: string,
    operation: string,
    input: string | null,
    options: { readonly scheduledTime?: Date } = {},
  ): Promise<void> {
    checkEntityId({ name, key });
    const { scheduledTime } = options;
    if (Number.isNaN(scheduledTime?.getTime())) {
      throw new InvalidInputError('The time that the signal is scheduled for is not a valid date.');
    }
    const requestId = toGuid(this.#ambient.newId());
    await this.#backend.sendMessage(
      signalEntityMessage(
        { name, key },
        { operation, input, requestId, scheduledTime },
        this.#ambient.now(),
      ),
    );
  }

  /** The state of an entity as JSON text; undefined when it does not exist. */
  async readEntityState(name: string, key: string): Promise<string | undefined> {
    const record = await this.#backend.findInstance(entityInstanceId({ name, key }), {
      input: true,
    });
    const { exists, state } = decodeSchedulerState(record?.input ?? null, 0);
    return exists ? (state ?? 'null') : undefined;
  }

  /** @throws {InvalidContinuationTokenError} */
  async listEntities(query: EntityQuery): Promise<EntityPage> {
    return await listEntities({ backend: this.#backend, ambient: this.#ambient }, query);
  }

  /** Releases locks that nobody will, and purges entities that hold nothing. Call again while there is a token. */
  async cleanEntityStorage(options: CleanEntityStorageOptions): Promise<CleanEntityStorageResult> {
    return await cleanEntityStorage(
      {
        backend: this.#backend,
        ambient: this.#ambient,
        reorderWindowMs: this.#entityMessageReorderWindowMs,
      },
      options,
    );
  }

  #find(
    instanceId: InstanceId,
    include: Parameters<TaskHubBackend['findInstance']>[1] = {},
  ): Promise<InstanceRecord | undefined> {
    const context = { log: this.#log, taskHub: this.taskHub, now: this.#now() };
    return findRepaired(this.#backend, instanceId, include, context);
  }

  /** The row that a start replaces. */
  async #makeWay(instanceId: InstanceId): Promise<InstanceRecord | undefined> {
    const existing = await this.#find(instanceId);
    if (!existing || this.#overridableStates !== 'AnyState') return existing;
    return endReplacedInstance({ backend: this.#backend, ambient: this.#ambient }, existing);
  }

  #steerTree(instanceId: string, steering: Steering): Promise<TreeReport> {
    const deps = { backend: this.#backend, ambient: this.#ambient };
    return steerTree(deps, toInstanceId(instanceId), steering);
  }

  async #steer(
    instanceId: string,
    message: (instanceId: InstanceId, now: string) => TaskMessage,
    check: (record: InstanceRecord) => void = () => undefined,
  ): Promise<void> {
    const record = await this.#find(toInstanceId(instanceId));
    if (!record) throw new InstanceNotFoundError(instanceId);
    if (isTerminal(record.runtimeStatus)) {
      throw new InstanceStateConflictError(
        instanceId,
        record.runtimeStatus,
        `The instance '${instanceId}' is ${record.runtimeStatus} and can no longer be changed.`,
      );
    }
    check(record);
    await this.#backend.sendMessage(message(record.instanceId, this.#now()));
  }

  #now(): string {
    return new Date(this.#ambient.now()).toISOString();
  }
}

function cannot(operation: string, record: InstanceRecord): InstanceStateConflictError {
  return new InstanceStateConflictError(
    record.instanceId,
    record.runtimeStatus,
    `Cannot ${operation} the orchestration instance ${record.instanceId} because instance is in the ${record.runtimeStatus} state.`,
  );
}
