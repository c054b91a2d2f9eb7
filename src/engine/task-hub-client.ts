/**
 * What clients can do with a task hub, over any backend: start, look, steer, purge. Knows no HTTP; the management API, the
 * CLI and the durable client binding are doors to it. Mirrors DurableClient of the .NET extension.
 */
import { entityInstanceId } from '../core/entity/entity-id.ts';
import { decodeSchedulerState } from '../core/entity/scheduler-state.ts';
import { toGuid } from '../core/guid.ts';
import { isEntityId, parseInstanceId, toInstanceId, type InstanceId } from '../core/ids.ts';
import {
  InstanceNotFoundError,
  InstanceStateConflictError,
  InvalidInputError,
} from '../core/errors.ts';
import type { HistoryEvent } from '../core/history-event.ts';
import { isTerminal, type InstanceRecord, type RuntimeStatus } from '../core/instance-status.ts';
import {
  raiseEventMessage,
  resumeMessage,
  suspendMessage,
  terminateMessage,
} from '../core/lifecycle/control-messages.ts';
import { startMessage, type OverridableStates } from '../core/lifecycle/start.ts';
import { signalEntityMessage } from '../core/lifecycle/signal-entity.ts';
import type { TaskMessage } from '../core/task-message.ts';
import { orchestrationScheduled } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import type { Ambient } from './ambient.ts';
import type { InstancePage, InstanceQuery, TaskHubBackend } from './backend.ts';
import { pause } from './pause.ts';

export interface TaskHubClientOptions {
  readonly backend: TaskHubBackend;
  readonly ambient: Ambient;
  readonly log: Logger;
  readonly taskHub: string;
  /** @default 'NonRunningStates' */
  readonly overridableStates?: OverridableStates;
  /** Version given to instances started without one; null for none. @default null */
  readonly defaultVersion?: string | null;
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
}

export interface PurgeFilter {
  readonly createdTimeFrom: Date;
  /** @default now */
  readonly createdTimeTo?: Date;
  /** Non-terminal ones are ignored, as the .NET extension does; none left means every terminal status. */
  readonly runtimeStatuses: readonly RuntimeStatus[];
}

const PURGE_PAGE_SIZE = 100;
const PURGES_AT_ONCE = 8;

export class TaskHubClient {
  readonly taskHub: string;
  readonly #backend: TaskHubBackend;
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
  }

  /**
   * @returns the id of the new instance.
   * @throws {InvalidInputError} for an empty name, a name that starts with `@`, or an id that breaks the rules.
   * @throws {InstanceExistsError} when the id belongs to an instance that may not be replaced.
   */
  async start(options: StartOptions): Promise<InstanceId> {
    if (options.name === '' || options.name.startsWith('@')) {
      throw new InvalidInputError(
        `'${options.name}' is not an orchestrator name: it must not be empty or start with @.`,
      );
    }
    const chosenId = options.instanceId ? parseInstanceId(options.instanceId) : undefined;
    // A random id needs no look at storage: nothing can have it.
    const existing = chosenId && (await this.#backend.findInstance(chosenId));
    const message = startMessage(
      {
        instanceId: chosenId ?? toInstanceId(this.#ambient.newId()),
        executionId: this.#ambient.newId(),
        name: options.name,
        version: options.version ?? this.#defaultVersion,
        input: options.input,
        scheduledStartTime: options.scheduledStartTime ?? null,
        now: this.#now(),
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

  async findStatus(
    instanceId: string,
    include: { readonly input: boolean; readonly output?: boolean },
  ): Promise<InstanceRecord | undefined> {
    return await this.#backend.findInstance(toInstanceId(instanceId), {
      input: include.input,
      output: include.output ?? true,
    });
  }

  /** The history of the current execution, in order; empty when there is none. */
  async readHistory(instanceId: string): Promise<readonly HistoryEvent[]> {
    return await this.#backend.readHistory(toInstanceId(instanceId));
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
   * Starts an instance again with the name and input it had.
   * @throws {InstanceNotFoundError} @throws {InstanceExistsError} when it must keep its id and is not finished.
   */
  async restart(
    instanceId: string,
    options: { readonly withNewInstanceId: boolean },
  ): Promise<InstanceId> {
    const record = await this.#backend.findInstance(toInstanceId(instanceId), { input: true });
    if (!record) throw new InstanceNotFoundError(instanceId);
    return await this.start({
      name: record.name,
      input: record.input,
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
    const record = await this.#backend.findInstance(toInstanceId(instanceId));
    if (!record) return 0;
    if (!isTerminal(record.runtimeStatus) && !isEntityId(instanceId)) {
      throw new InstanceStateConflictError(
        instanceId,
        record.runtimeStatus,
        `Only orchestrations in a terminal state can be purged, but the orchestration with instance ID ${instanceId} has status ${record.runtimeStatus}`,
      );
    }
    return (await this.#backend.purgeInstance(record.instanceId)) ? 1 : 0;
  }

  /** Purges every finished instance that matches. @returns how many were deleted. */
  async purgeBy(filter: PurgeFilter): Promise<number> {
    const terminal = filter.runtimeStatuses.filter(isTerminal);
    const runtimeStatuses: readonly RuntimeStatus[] =
      terminal.length > 0 ? terminal : ['Completed', 'Failed', 'Terminated', 'Canceled'];
    const query: InstanceQuery = {
      createdTimeFrom: filter.createdTimeFrom,
      createdTimeTo: filter.createdTimeTo ?? new Date(this.#ambient.now()),
      runtimeStatuses,
      pageSize: PURGE_PAGE_SIZE,
      includeInput: false,
      includeOutput: false,
    };
    let deleted = 0;
    let continuationToken: string | undefined;
    do {
      const page: InstancePage = await this.#backend.listInstances(
        continuationToken === undefined ? query : { ...query, continuationToken },
      );
      const waiting = [...page.instances];
      const purgeNext = async (): Promise<void> => {
        for (let record = waiting.pop(); record; record = waiting.pop()) {
          if (await this.#backend.purgeInstance(record.instanceId)) deleted++;
        }
      };
      await Promise.all(Array.from({ length: PURGES_AT_ONCE }, purgeNext));
      continuationToken = page.continuationToken;
    } while (continuationToken !== undefined);
    return deleted;
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
   * @throws {InvalidInputError} when the name or key cannot be part of an entity id.
   */
  async signalEntity(
    name: string,
    key: string,
    operation: string,
    input: string | null,
  ): Promise<void> {
    if (name === '' || /[/\\#?@\u0000-\u001f\u007f-\u009f]/.test(name)) {
      throw new InvalidInputError(`'${name}' is not an entity name.`);
    }
    if (/[/\\#?\u0000-\u001f\u007f-\u009f]/.test(key)) {
      throw new InvalidInputError(
        'Entity keys must not contain /, \\, #, ?, or control characters.',
      );
    }
    const requestId = toGuid(this.#ambient.newId());
    await this.#backend.sendMessage(
      signalEntityMessage({ name, key }, { operation, input, requestId }, this.#now()),
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

  async #steer(
    instanceId: string,
    message: (instanceId: InstanceId, now: string) => TaskMessage,
    check: (record: InstanceRecord) => void = () => undefined,
  ): Promise<void> {
    const record = await this.#backend.findInstance(toInstanceId(instanceId));
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
