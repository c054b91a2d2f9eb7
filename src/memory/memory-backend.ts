/**
 * The task hub in memory: for tests and for runs that need not survive the process. It stores and delivers by the rules of
 * TaskHubBackend and decides nothing. Two backends on one store see the same hub, as two processes on one account do.
 */
import type { BackendLimits } from '../core/backend-limits.ts';
import { whenAborted } from '../base/abort.ts';
import type { WaitingLine } from '../base/waiting-line.ts';
import type { OrchestrationCommit } from '../core/commit.ts';
import { InvalidContinuationTokenError, SessionLostError } from '../core/errors.ts';
import type { HistoryEvent } from '../core/history-event.ts';
import type { HubBacklog } from '../core/hub-backlog.ts';
import type { HubContents } from '../core/hub-contents.ts';
import { isEntityId, type InstanceId } from '../core/ids.ts';
import type { InstanceRecord } from '../core/instance-status.ts';
import type { PoisonMessage } from '../core/poison-message.ts';
import type { QueuedMessage } from '../core/queued-message.ts';
import type { RunningElsewhere } from '../core/running-now.ts';
import type { StartMessage, TaskMessage } from '../core/task-message.ts';
import type {
  ActivityWorkItem,
  CommitReceipt,
  CommitRequest,
  DeliveredMessage,
  TakenMessage,
  TreePurge,
  HistoryRewrite,
  HistoryToken,
  HubApp,
  HubUser,
  InstancePage,
  InstanceQuery,
  LoadedHistory,
  OrchestrationWorkItem,
  PeekQuery,
  PoisonPage,
  PurgedInstance,
  UnreadableMessage,
} from '../engine/backend.ts';
import type { ArchivedInstance, MovableTaskHubBackend } from '../engine/hub-archive.ts';
import { patchedRecord, startRecord } from '../core/instance-record.ts';
import { listPage } from './instance-query.ts';
import { MemoryStore, type MemoryStoreOptions } from './memory-store.ts';

export interface MemoryBackendOptions extends MemoryStoreOptions {
  /** The store to share with other backends; clock and pause are then the store's. @default a new one */
  readonly store?: MemoryStore;
  /** For an app that shall meet the limits of the storage it is made for. @default every id will do */
  readonly limits?: BackendLimits;
}

/**
 * A task hub that lives as long as its store.
 *
 * @example
 * const store = new MemoryStore();
 * const worker = createMemoryBackend({ store });
 * const client = createMemoryBackend({ store }); // sees the same hub
 */
export function createMemoryBackend(options: MemoryBackendOptions = {}): MovableTaskHubBackend {
  return new MemoryBackend(options.store ?? new MemoryStore(options), options.limits);
}

const DAY_MS = 24 * 60 * 60 * 1000;

/** It can hold everything. Timers are sliced as everywhere else, so that an app's histories look the same. */
const MEMORY_LIMITS: BackendLimits = {
  idProblem: () => undefined,
  maxPayloadBytes: Infinity,
  maxTimerMs: 6 * DAY_MS,
  timerSliceMs: 3 * DAY_MS,
};

class MemoryBackend implements MovableTaskHubBackend {
  readonly limits: BackendLimits;
  readonly #store: MemoryStore;
  #running = new AbortController();
  #isStarted = false;
  #epoch = 0;

  constructor(store: MemoryStore, limits = MEMORY_LIMITS) {
    this.#store = store;
    this.limits = limits;
  }

  createHub(): Promise<void> {
    this.#store.isCreated = true;
    return Promise.resolve();
  }

  deleteHub(): Promise<void> {
    this.#store.isCreated = false;
    this.#store.clear();
    return Promise.resolve();
  }

  hubExists(): Promise<boolean> {
    return Promise.resolve(this.#store.isCreated);
  }

  /** Who works on it is not written down. */
  listHubUsers(): Promise<readonly HubUser[]> {
    return Promise.resolve([]);
  }

  /** There are none. */
  readPartitionCount(): Promise<undefined> {
    return Promise.resolve(undefined);
  }

  readBacklog(): Promise<HubBacklog> {
    return Promise.resolve({ ...this.#store.backlog(), processes: this.#isStarted ? 1 : 0 });
  }

  dropMessages(queue: string, isMeant: (message: QueuedMessage) => boolean): Promise<number> {
    return Promise.resolve(this.#store.drop(queue, isMeant));
  }

  peekMessages(query: PeekQuery): Promise<readonly QueuedMessage[] | undefined> {
    return Promise.resolve(this.#store.peek(query));
  }

  readContents(): Promise<readonly HubContents[]> {
    return Promise.resolve(this.#store.contents());
  }

  /** None: a commit is one step. */
  async *listStrays(): AsyncGenerator<never> {
    // Nothing to give.
  }

  start(): Promise<void> {
    this.#isStarted = true;
    this.#epoch += 1;
    this.#running = new AbortController();
    return Promise.resolve();
  }

  /** No other app can reach this memory. */
  claimHub(): Promise<void> {
    return Promise.resolve();
  }

  outage(): undefined {
    return undefined;
  }

  stop(): Promise<void> {
    this.#isStarted = false;
    this.#running.abort();
    return Promise.resolve();
  }

  createInstance(start: StartMessage, existing: InstanceRecord | undefined): Promise<void> {
    const { instanceId } = start.target;
    const stored = this.#store.instances.get(instanceId);
    const isUnchanged = stored?.etag === existing?.etag;
    if (isUnchanged) {
      this.#store.instances.set(instanceId, startRecord(start, this.#store.nextVersion()));
    }
    this.#store.put(start, isUnchanged && existing === undefined);
    return Promise.resolve();
  }

  sendMessage(message: TaskMessage): Promise<void> {
    this.#store.put(message);
    return Promise.resolve();
  }

  findInstance(
    instanceId: InstanceId,
    include: { readonly input?: boolean; readonly output?: boolean } = {},
  ): Promise<InstanceRecord | undefined> {
    const record = this.#store.instances.get(instanceId);
    return Promise.resolve(
      record === undefined
        ? undefined
        : {
            ...record,
            input: include.input === true ? record.input : null,
            output: include.output === true ? record.output : null,
          },
    );
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a bad token is a rejection, not a throw
  async listInstances(query: InstanceQuery): Promise<InstancePage> {
    return listPage([...this.#store.instances.values()], query);
  }

  readHistory(instanceId: InstanceId): Promise<readonly HistoryEvent[]> {
    return Promise.resolve(this.#store.histories.get(instanceId)?.events ?? []);
  }

  purgeInstance(
    instanceId: InstanceId,
    record?: Pick<InstanceRecord, 'etag'>,
  ): Promise<PurgedInstance | undefined> {
    const stored = this.#store.instances.get(instanceId);
    const isMeant = record === undefined || isEntityId(instanceId) || stored?.etag === record.etag;
    if (!isMeant || !this.#store.instances.delete(instanceId)) return Promise.resolve(undefined);
    const history = this.#store.histories.get(instanceId);
    this.#store.histories.delete(instanceId);
    // The sentinel row counts, as it does where there are rows.
    return Promise.resolve({
      recordsDeleted: history === undefined ? 0 : history.events.length + 1,
    });
  }

  notePurge(purge: TreePurge): Promise<void> {
    this.#store.purges.set(purge.instanceId, purge);
    return Promise.resolve();
  }

  forgetPurge({ instanceId }: TreePurge): Promise<void> {
    this.#store.purges.delete(instanceId);
    return Promise.resolve();
  }

  listPurges(): Promise<readonly TreePurge[]> {
    return Promise.resolve([...this.#store.purges.values()]);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a lost session is a rejection, not a throw
  async rewriteHistory(instanceId: InstanceId, { token, edits }: HistoryRewrite): Promise<void> {
    const history = this.#store.histories.get(instanceId);
    if (history?.version !== token) throw new SessionLostError(instanceId);
    const events = [...history.events];
    for (const { index, event } of edits) {
      if (index >= events.length) throw new SessionLostError(instanceId);
      events[index] = event;
    }
    const version = this.#store.nextVersion();
    this.#store.histories.set(instanceId, { ...history, events, version });
  }

  reviveInstance({ instanceId, etag }: InstanceRecord, lastUpdatedTime: string): Promise<void> {
    const record = this.#store.instances.get(instanceId);
    if (record?.etag === etag) {
      this.#store.instances.set(instanceId, {
        ...record,
        runtimeStatus: 'Pending',
        output: null,
        completedTime: null,
        lastUpdatedTime,
        etag: this.#store.nextVersion(),
      });
    }
    return Promise.resolve();
  }

  leads(): boolean {
    return true;
  }

  ownedPartitions(): number {
    return 1;
  }

  otherApps(): readonly HubApp[] {
    return [];
  }

  runningElsewhere(): Promise<readonly RunningElsewhere[]> {
    return Promise.resolve([]);
  }

  lookForOthers(): Promise<void> {
    return Promise.resolve();
  }

  async nextOrchestration(signal: AbortSignal): Promise<OrchestrationWorkItem | undefined> {
    const item = await this.#nextOf(this.#store.inbox, signal);
    if (item === undefined) return undefined;
    // As storage does: an orchestration that never waits must leave turns of the event loop to the others.
    await new Promise<void>((resolve) => setImmediate(resolve));
    return { ...item, epoch: this.#epoch };
  }

  loadHistory(instanceId: InstanceId): Promise<LoadedHistory> {
    const history = this.#store.histories.get(instanceId);
    return Promise.resolve({
      executionId: history?.executionId,
      events: history?.events ?? [],
      token: history?.version as HistoryToken | undefined,
    });
  }

  isCurrent(instanceId: InstanceId, token: HistoryToken): Promise<boolean> {
    return Promise.resolve(this.#store.histories.get(instanceId)?.version === token);
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a lost session is a rejection, not a throw
  async commitOrchestration(
    item: OrchestrationWorkItem,
    request: CommitRequest,
  ): Promise<CommitReceipt> {
    const { commit, runHere, wholeInstance } = request;
    // As where storage is not one: what leaves has left when history turns out to be somebody else's.
    for (const message of commit.outbox) {
      if (!runHere.some((activity) => activity === message)) this.#store.put(message);
    }
    const history = this.#store.histories.get(commit.instanceId);
    if (history?.version !== request.token) throw new SessionLostError(commit.instanceId);
    const token = this.#store.nextVersion() as HistoryToken;
    const kept =
      history?.executionId === commit.executionId
        ? history.events.slice(0, commit.firstEventIndex)
        : [];
    this.#store.histories.set(commit.instanceId, {
      executionId: commit.executionId,
      events: [...kept, ...commit.newEvents],
      version: token,
    });
    const { instanceId, instance } = commit;
    const isRowLost = wholeInstance !== undefined && !this.#store.instances.has(instanceId);
    this.#writeInstance({
      instanceId,
      instance: instance !== undefined && isRowLost ? wholeInstance() : instance,
    });
    this.#finish(item, request);
    return { token, activities: runHere.map((message) => this.#store.putReserved(message)) };
  }

  settleOrchestration(
    item: OrchestrationWorkItem,
    messages: Pick<CommitRequest, 'consumed' | 'deferred' | 'beforeDelete'>,
  ): Promise<void> {
    this.#finish(item, messages);
    return Promise.resolve();
  }

  abandonOrchestration(item: OrchestrationWorkItem): Promise<void> {
    this.#finish(item, { consumed: [], deferred: item.messages });
    return Promise.resolve();
  }

  repairInstance(
    commit: Pick<OrchestrationCommit, 'instanceId' | 'instance'>,
    etag?: string,
  ): Promise<void> {
    const stored = this.#store.instances.get(commit.instanceId);
    if (etag === undefined || stored?.etag === etag) this.#writeInstance(commit);
    return Promise.resolve();
  }

  nextActivity(signal: AbortSignal): Promise<ActivityWorkItem | undefined> {
    return this.#nextOf(this.#store.activityLine, signal);
  }

  completeActivity(item: ActivityWorkItem, response: TaskMessage): Promise<void> {
    this.#store.put(response);
    this.#store.endActivity(item);
    return Promise.resolve();
  }

  abandonActivity(
    item: ActivityWorkItem,
    { isUntried = false }: { readonly isUntried?: boolean } = {},
  ): Promise<void> {
    if (isUntried) this.#store.putBack(item);
    else this.#store.giveBack([item]);
    return Promise.resolve();
  }

  /** What lies in memory was never anything but a message. */
  async nextUnreadable(signal: AbortSignal): Promise<undefined> {
    await whenAborted(signal);
  }

  abandonUnreadable(): Promise<void> {
    return Promise.resolve();
  }

  setAside(
    messages: readonly (DeliveredMessage | UnreadableMessage | TakenMessage)[],
    reason: string,
  ): Promise<void> {
    for (const delivered of messages) {
      if ('message' in delivered) this.#store.setAside(delivered, reason);
      else if ('taken' in delivered) this.#store.setAsideTaken(delivered, reason);
    }
    return Promise.resolve();
  }

  // eslint-disable-next-line @typescript-eslint/require-await -- a bad token is a rejection, not a throw
  async listPoison({
    pageSize,
    continuationToken,
  }: {
    readonly pageSize: number;
    readonly continuationToken?: string | undefined;
  }): Promise<PoisonPage> {
    const from = Number(continuationToken ?? 0);
    if (!Number.isInteger(from)) throw new InvalidContinuationTokenError(continuationToken ?? '');
    const all = [...this.#store.poison.values()];
    const end = from + pageSize;
    return {
      messages: all.slice(from, end),
      continuationToken: end < all.length ? String(end) : undefined,
    };
  }

  findPoison(id: string): Promise<PoisonMessage | undefined> {
    return Promise.resolve(this.#store.poison.get(id));
  }

  replayPoison(id: string): Promise<boolean> {
    const poison = this.#store.poison.get(id);
    if (poison !== undefined) this.#store.put(JSON.parse(poison.body) as TaskMessage);
    return this.dropPoison(id);
  }

  dropPoison(id: string): Promise<boolean> {
    return Promise.resolve(this.#store.poison.delete(id));
  }

  /**
   * Waits for work until `signal` aborts. A backend that does not run has none to offer, and leaves the line where it might
   * take what another one could.
   */
  async #nextOf<Item>(
    line: Pick<WaitingLine<Item>, 'next'>,
    signal: AbortSignal,
  ): Promise<Item | undefined> {
    const item = this.#isStarted ? await line.next(signal, this.#running.signal) : undefined;
    if (item === undefined) await whenAborted(signal);
    return item;
  }

  #writeInstance({
    instanceId,
    instance,
  }: Pick<OrchestrationCommit, 'instanceId' | 'instance'>): void {
    if (instance === undefined) return;
    const record = this.#store.instances.get(instanceId);
    const etag = this.#store.nextVersion();
    this.#store.instances.set(instanceId, patchedRecord(instanceId, record, instance, etag));
  }

  #finish(
    item: OrchestrationWorkItem,
    {
      consumed,
      deferred,
      beforeDelete,
    }: Pick<CommitRequest, 'consumed' | 'deferred' | 'beforeDelete'>,
  ): void {
    this.#store.giveBack(deferred);
    this.#store.finish(item.instanceId, consumed);
    if (beforeDelete) void this.#giveBackUnless(beforeDelete(), consumed);
  }

  async #giveBackUnless(
    isDone: Promise<boolean>,
    messages: readonly DeliveredMessage[],
  ): Promise<void> {
    if (await isDone) return;
    this.#store.giveBack(messages);
  }

  async readMessages(take: (message: TaskMessage) => Promise<void>): Promise<number> {
    for (const message of this.#store.messages) await take(message);
    return 0;
  }

  clearMessages(): Promise<void> {
    this.#store.clearMessages();
    return Promise.resolve();
  }

  restoreInstance({ record, executionId, events }: ArchivedInstance): Promise<void> {
    const { instances, histories } = this.#store;
    const { instanceId } = record;
    instances.set(instanceId, { ...record, etag: this.#store.nextVersion() });
    if (executionId === null) histories.delete(instanceId);
    else histories.set(instanceId, { executionId, events, version: this.#store.nextVersion() });
    return Promise.resolve();
  }

  findImportMark(): Promise<string | undefined> {
    return Promise.resolve(this.#store.importMark);
  }

  markImport(mark: string | undefined): Promise<void> {
    this.#store.importMark = mark;
    return Promise.resolve();
  }
}
