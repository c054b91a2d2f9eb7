/**
 * What clients can do with a task hub, over any backend: start, look, steer, purge. Knows no HTTP; the management API, the
 * CLI and the durable client binding are doors to it. What is about entities, and about whole trees, has a client of its own in it.
 * Mirrors DurableClient of the .NET extension.
 */
import {
  BackendUnavailableError,
  InstanceNotFoundError,
  InstanceStateConflictError,
  InvalidInputError,
} from '../core/errors.ts';
import type { HistoryEvent } from '../core/history-event.ts';
import type { HubBacklog } from '../core/hub-backlog.ts';
import type { HubContents } from '../core/hub-contents.ts';
import { isEntityId, parseInstanceId, toInstanceId, type InstanceId } from '../core/ids.ts';
import { isTerminal, type InstanceRecord } from '../core/instance-status.ts';
import type { OverridableStates } from '../core/lifecycle/start.ts';
import { checkPayload } from '../core/payload-size.ts';
import type { QueuedMessage } from '../core/queued-message.ts';
import type { W3cTrace } from '../base/w3c-trace.ts';
import { eventSpan } from '../telemetry/durable-spans.ts';
import type { Logger } from '../telemetry/log.ts';
import { noTracing, type Tracing } from '../telemetry/tracing.ts';
import type { Ambient } from './ambient.ts';
import {
  DEFAULT_MAX_PAGE_LENGTH,
  type HubUser,
  type InstancePage,
  type InstanceQuery,
  type PeekQuery,
  type TaskHubClientBackend,
} from './backend.ts';
import { sendInSpan } from './client/client-spans.ts';
import { dueTimers, type DueTimers } from './queries/due-timers.ts';
import { EntityClient } from './entities/entity-client.ts';
import { examineHub } from './examine/examine-hub.ts';
import type { ExamineOptions, Finding } from './examine/finding.ts';
import { type CallsQuery, type HubCalls, readCalls } from './queries/hub-calls.ts';
import {
  InstanceStarter,
  type RestartOptions,
  type StartOptions,
} from './client/instance-starter.ts';
import { waitersOf, type InstanceWatcher } from './instance-waiters.ts';
import { PoisonClient } from './poison/poison-client.ts';
import { purgeBy, purgeOne, type PurgeFilter, type PurgeReport } from './purge/purge-instances.ts';
import { findRepaired } from './examine/repair-instance.ts';
import { rewindInstance } from './client/rewind-instance.ts';
import {
  raiseEvent,
  resume,
  steeringMessage,
  suspend,
  terminate,
  type Steer,
} from './client/steer-instance.ts';
import { TreeClient } from './client/tree-client.ts';
import { waitForEnd, type WaitOptions } from './client/wait-for-end.ts';

export type {
  CleanEntityStorageOptions,
  CleanEntityStorageResult,
  EntityPage,
  EntityQuery,
  EntityRecord,
} from './entities/entity-client.ts';
export type { RestartOptions, StartOptions } from './client/instance-starter.ts';
export type { PurgeFilter, PurgeReport } from './purge/purge-instances.ts';
export type { TreeInstance, TreeReport } from './client/tree-client.ts';
export type { WaitOptions } from './client/wait-for-end.ts';

export interface TaskHubClientOptions {
  /** Need not be started. */
  readonly backend: TaskHubClientBackend;
  readonly ambient: Ambient;
  readonly log: Logger;
  readonly taskHub: string;
  /** Gets the spans of what is sent. @default nobody */
  readonly tracing?: Tracing;
  /** @default 'NonRunningStates' */
  readonly overridableStates?: OverridableStates;
  /** Version given to instances started without one; null for none. @default null */
  readonly defaultVersion?: string | null;
  /** How a purge takes statuses that are not final: see `PurgeFilter.ignoresOpenStatuses`. @default false */
  readonly purgeIgnoresOpenStatuses?: boolean;
  /** As the workers of the hub have it. @default 30 minutes */
  readonly entityMessageReorderWindowMs?: number;
}

/** Each is told of everything: pages of people, not programs. */
const MAX_WATCHERS = 50;
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
  /** The messages of the same hub that were set aside. */
  readonly poison: PoisonClient;
  readonly #backend: TaskHubClientBackend;
  readonly #ambient: Ambient;
  readonly #log: Logger;
  readonly #tracing: Tracing;
  readonly #starter: InstanceStarter;
  readonly #ignoresOpenStatuses: boolean;

  constructor(options: TaskHubClientOptions) {
    this.taskHub = options.taskHub;
    this.#backend = options.backend;
    this.#ambient = options.ambient;
    this.#log = options.log;
    this.#ignoresOpenStatuses = options.purgeIgnoresOpenStatuses ?? false;
    const tracing = options.tracing ?? noTracing;
    this.#tracing = tracing;
    this.#starter = new InstanceStarter({
      ...options,
      tracing,
      overridableStates: options.overridableStates ?? 'NonRunningStates',
      defaultVersion: options.defaultVersion ?? null,
    });
    this.trees = new TreeClient(options);
    this.poison = new PoisonClient(options.backend);
    this.entities = new EntityClient({
      backend: options.backend,
      ambient: options.ambient,
      tracing,
      reorderWindowMs: options.entityMessageReorderWindowMs ?? DEFAULT_REORDER_WINDOW_MS,
    });
  }

  /**
   * @param signal gives up while the instance that has the id is being ended; it may end all the same.
   * @returns the id of the new instance.
   * @throws {InvalidInputError} for an empty name, a name that starts with `@`, an id that breaks the rules, or an input that is too
   *   long to be stored.
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
    checkPayload(this.#backend.limits, options.input, () => `The input of '${options.name}'`);
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

  /** What waits in the hub. Each call asks storage. */
  async readBacklog(): Promise<HubBacklog> {
    return await this.#backend.readBacklog();
  }

  /** The first messages of a queue; takes nothing. See `TaskHubClientBackend.peekMessages`. */
  async peekMessages(query: PeekQuery): Promise<readonly QueuedMessage[] | undefined> {
    return await this.#backend.peekMessages(query);
  }

  /** What is due when; see `due-timers.ts` for what it costs, and what is not seen. @param count of timers. */
  async dueTimers(count: number): Promise<DueTimers> {
    return await dueTimers(this.#backend, { count, nowMs: this.#ambient.now() });
  }

  /** Which orchestrator calls what, in the histories of the latest instances; see `hub-calls.ts` for what it costs. */
  async readCalls(query: CallsQuery): Promise<HubCalls> {
    return await readCalls(this.#backend, query);
  }

  /** What the hub keeps where. Each call asks storage. */
  async readContents(): Promise<readonly HubContents[]> {
    return await this.#backend.readContents();
  }

  /** Who works on the hub, as far as its storage knows. Each call asks storage. */
  async listHubUsers(): Promise<readonly HubUser[]> {
    return await this.#backend.listHubUsers();
  }

  /**
   * Deletes the hub with everything in it, also what others hold.
   * @param how.createsAnew for workers that go on: they find an empty hub.
   * @returns whether it is there again: storage may need a while until it takes the same names, and its workers put it back then.
   */
  async deleteHub({ createsAnew }: { readonly createsAnew: boolean }): Promise<boolean> {
    await this.#backend.deleteHub({ force: true });
    if (!createsAnew) return false;
    try {
      await this.#backend.createHub();
      return true;
    } catch (error) {
      if (error instanceof BackendUnavailableError) return false;
      throw error;
    }
  }

  /** A page holds less than was asked for when its payloads are long. @throws {InvalidContinuationTokenError} */
  async list(query: InstanceQuery): Promise<InstancePage> {
    return await this.#backend.listInstances({ maxPageLength: DEFAULT_MAX_PAGE_LENGTH, ...query });
  }

  /**
   * @param input JSON text; null for none.
   * @param options.trace where the request stands in its trace. @default where the caller runs, if it wants spans
   * @throws {InvalidInputError} for an input that is too long to be stored.
   * @throws {InstanceNotFoundError}
   * @throws {InstanceStateConflictError} when the instance is finished.
   */
  async raiseEvent(
    instanceId: string,
    eventName: string,
    input: string | null,
    options: { readonly trace?: W3cTrace | undefined } = {},
  ): Promise<void> {
    checkPayload(this.#backend.limits, input, () => `The input of event '${eventName}'`);
    const subject = () => eventSpan({ name: eventName, instanceId });
    await sendInSpan(this.#tracing, subject, options.trace, () =>
      this.#steer(instanceId, raiseEvent(eventName, input)),
    );
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
    return (await purgeBy(this.#deps, this.#asConfigured(filter))).instancesDeleted;
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
    return await purgeBy(this.#deps, this.#asConfigured(filter), { deadlineMs, continuationToken });
  }

  #asConfigured(filter: PurgeFilter): PurgeFilter {
    return { ignoresOpenStatuses: this.#ignoresOpenStatuses, ...filter };
  }

  /**
   * Looks for instances that will not go on by themselves; changes nothing. Each finding that can be mended has its `repair`.
   * @param asked.quietMs what changed later than that, in ms, is left alone.
   * @param asked.versioning which versions of instances the app runs. @default all
   * @param asked.relookMs after how many ms what may only have changed hands is looked at again. @default 15000
   * @param asked.replays has histories of open instances replayed, to see whether today's code can continue them. @default they are not
   */
  examine(
    asked: Pick<ExamineOptions, 'quietMs' | 'versioning' | 'relookMs' | 'replays'>,
  ): AsyncGenerator<Finding> {
    return examineHub({ ...asked, ...this.#deps, log: this.#log, taskHub: this.taskHub });
  }

  /**
   * Waits for the instance to end. Where this process runs it, the wait is over when its end is stored, and storage is read once;
   * else it is looked at after pauses that grow up to `intervalMs`.
   * @returns its record; undefined when `timeoutMs` passed first, or `signal` aborted.
   * @throws {InstanceNotFoundError} also when it is purged meanwhile.
   */
  async waitForTerminal(
    instanceId: string,
    wait: WaitOptions,
  ): Promise<InstanceRecord | undefined> {
    const read = async (): Promise<InstanceRecord> => {
      const record = await this.findStatus(instanceId, { input: true });
      if (!record) throw new InstanceNotFoundError(instanceId);
      return record;
    };
    const record = await this.#waitForEnd(instanceId, read, wait);
    return record && isTerminal(record.runtimeStatus) ? record : undefined;
  }

  /**
   * The status of an instance as soon as it has ended, or that which it has when the time is up; waits as `waitForTerminal` does.
   * @returns undefined when there is no such instance, or none any more: then at once.
   */
  async findStatusWhenEnded(
    instanceId: string,
    include: { readonly input: boolean },
    wait: Omit<WaitOptions, 'isUnderWay'>,
  ): Promise<InstanceRecord | undefined> {
    const read = (): Promise<InstanceRecord | undefined> => this.findStatus(instanceId, include);
    return await this.#waitForEnd(instanceId, read, wait);
  }

  /**
   * Answers all who wait for instances, or watch them, by any client of the same backend, with what there is, and those who come from now on at
   * once: before a process stops, whose clients would hold it up, or be cut off.
   */
  stopWaiting(): void {
    waitersOf(this.#backend).close();
  }

  /**
   * Has `watcher` hear of the instances that this process works on: a hint to look at them again. What other workers of the hub do is
   * not heard of.
   * @returns takes it off again; undefined when as many watch as may, or the process stops.
   */
  watch(watcher: InstanceWatcher): (() => void) | undefined {
    const room = waitersOf(this.#backend);
    if (room.isClosed || room.watcherCount >= MAX_WATCHERS) return undefined;
    return room.watch(watcher);
  }

  #waitForEnd(
    instanceId: string,
    read: () => Promise<InstanceRecord | undefined>,
    wait: WaitOptions,
  ): Promise<InstanceRecord | undefined> {
    const waiters = waitersOf(this.#backend);
    const now = (): number => this.#ambient.now();
    return waitForEnd(toInstanceId(instanceId), read, { ...wait, now, waiters });
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
