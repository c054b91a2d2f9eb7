/**
 * Storage as the engine sees it. An adapter stores and delivers; it never decides. A second adapter can be written from
 * these comments alone; `test/contract/task-hub-backend.ts` proves each one.
 *
 * Rules for adapters
 * B1 Delivery is at least once: a message is gone only after `commitOrchestration`, `settleOrchestration` or
 *    `completeActivity` deleted it. A process that dies loses nothing: its messages are delivered again.
 * B2 At most one work item per instance is out at a time in this process. Messages that arrive meanwhile wait for the next one.
 * B3 A message with a due time (`dueTimeMs`) is not delivered before that time, and soon after it. Until then it is storage's:
 *    a process keeps none that is due much later, and what it costs in memory and at a stop does not grow with their number.
 * B4 While an item is out, its messages stay locked for this process, however long that takes.
 * B5 Every method may throw BackendUnavailableError (the operation may or may not have happened) unless said otherwise.
 * B6 A commit that throws may have delivered its outbox, or parts of it: who gets it cannot rely on the history that belongs to
 *    it. What the history that is stored in the end asks for, was delivered.
 * B7 A message that cannot be read is no delivery: it holds up no other, and comes by `nextUnreadable`.
 * B8 Events keep their order: none overtakes one of its instance, or its start, that was put off and comes again later.
 */
import type { BackendLimits } from '../core/backend-limits.ts';
import type { OrchestrationCommit } from '../core/commit.ts';
import type { HistoryEvent } from '../core/history-event.ts';
import type { HubBacklog } from '../core/hub-backlog.ts';
import type { HubContents } from '../core/hub-contents.ts';
import type { ExecutionId, InstanceId } from '../core/ids.ts';
import type { InstancePatch, InstanceRecord, RuntimeStatus } from '../core/instance-status.ts';
import type { HistoryEdit } from '../core/lifecycle/rewind.ts';
import type { MessageFacts, PoisonMessage } from '../core/poison-message.ts';
import type { QueuedMessage } from '../core/queued-message.ts';
import type { RunningElsewhere } from '../core/running-now.ts';
import type { ActivityMessage, StartMessage, TaskMessage } from '../core/task-message.ts';
import type { FunctionNames } from './function-invoker.ts';

/** A message in the hands of this process. Identity matters: hand back the very object that was delivered. */
export interface DeliveredMessage<Message extends TaskMessage = TaskMessage> {
  readonly message: Message;
  /** How often it was delivered, this time included. */
  readonly dequeueCount: number;
  /** For a start that this process itself inserted under an id that was free: there is no history to load. */
  readonly hasNoHistory: boolean;
}

export interface OrchestrationWorkItem {
  readonly instanceId: InstanceId;
  /** In the order of arrival; never empty. */
  readonly messages: readonly DeliveredMessage[];
  /**
   * Another one whenever this process began to own the instance: in between, others may have worked on it. What is kept of the
   * instance from items of another epoch is worth nothing.
   */
  readonly epoch: number;
}

export type ActivityWorkItem = DeliveredMessage<ActivityMessage>;

/** A message that this version cannot read, in the hands of this process. Hand back the very object. */
export interface UnreadableMessage {
  /** What is wrong with it. */
  readonly problem: Error;
  /** What can be told of it all the same. */
  readonly facts: MessageFacts;
  /** The queue that it lies in. */
  readonly origin: string;
  /** How often it was delivered, this time included. */
  readonly dequeueCount: number;
  /** Whether another delivery may be of use: workers of other versions receive from the same hub. */
  readonly mayBeRead: boolean;
}

/** A message that is not in a queue any more, as its receiver took it long ago, and that can be delivered again. */
export interface TakenMessage {
  /** `taken-`, and letters, digits and dashes: its id in the poison store, so that it is there once. */
  readonly id: string;
  /** As it is to be delivered by a replay. */
  readonly taken: TaskMessage;
  /** How often it, or what it was part of, was delivered. */
  readonly dequeueCount: number;
}

export interface PoisonPage {
  /** In no order that means anything. */
  readonly messages: readonly PoisonMessage[];
  /** undefined on the last page. */
  readonly continuationToken: string | undefined;
}

export interface PeekQuery {
  /** As `readBacklog` names it. */
  readonly queue: string;
  /** Storage may show fewer at a time. */
  readonly count: number;
  /** Those that wait for a time, the first to come first, in place of those that can be taken now. */
  readonly isDue: boolean;
}

declare const historyTokenBrand: unique symbol;
/** Proves at the next commit that nobody else wrote the history meanwhile (the sentinel's ETag). */
export type HistoryToken = string & { readonly [historyTokenBrand]: true };

export interface LoadedHistory {
  /** Of the execution that is stored now; undefined when nothing is stored. */
  readonly executionId: ExecutionId | undefined;
  readonly events: readonly HistoryEvent[];
  /** undefined when the instance never had a history. */
  readonly token: HistoryToken | undefined;
  /**
   * The last commit could not be written as a whole: `events` are what was before it (or what a new execution begins with),
   * and an episode has to run even if no message asks for one.
   */
  readonly isUnfinished?: boolean;
}

export interface CommitRequest {
  /** Of the load or the last commit; undefined for an instance without history. */
  readonly token: HistoryToken | undefined;
  readonly commit: OrchestrationCommit;
  /**
   * The row as the whole history has it, for an instance that should have one: written in place of `commit.instance` when
   * somebody deleted it. When the history is gone, too, the instance was purged, and no row is written.
   * @default `commit.instance` begins a row when there is none
   */
  readonly wholeInstance?: (() => InstancePatch) | undefined;
  /** Messages of the work item to delete, last of all. */
  readonly consumed: readonly DeliveredMessage[];
  /** Messages of the work item that came too early: redelivered after a growing pause. */
  readonly deferred: readonly DeliveredMessage[];
  /**
   * Called once all is stored, for what has to be done before `consumed` is deleted; the item is finished meanwhile. When it
   * answers false, or the process dies before, the messages of `consumed` come again. Never throws.
   * @default nothing: `consumed` is deleted at once
   */
  readonly beforeDelete?: (() => Promise<boolean>) | undefined;
  /**
   * Whether `consumed` is deleted before the next item of the instance comes, so that no more than the messages of one item
   * can come again. @default false
   */
  readonly deletesFirst?: boolean;
  /**
   * The messages of `commit.outbox` (all TaskScheduled) for which this process reserved an activity slot: they are
   * stored, but kept from other workers, and come back as `CommitReceipt.activities`.
   */
  readonly runHere: readonly ActivityMessage[];
}

export interface CommitReceipt {
  readonly token: HistoryToken;
  /** One per `runHere`, in that order. */
  readonly activities: readonly ActivityWorkItem[];
}

/** Pages of clients who do not say otherwise, in characters: many of them fit into memory, and one into a text. */
export const DEFAULT_MAX_PAGE_LENGTH = 32 * 1024 * 1024;

export interface InstanceQuery {
  readonly createdTimeFrom?: Date;
  readonly createdTimeTo?: Date;
  /** Those that have not changed since. @default any */
  readonly lastUpdatedTo?: Date;
  /** Empty or absent: every status. */
  readonly runtimeStatuses?: readonly RuntimeStatus[];
  readonly instanceIdPrefix?: string;
  /** Of this function alone, as it is spelled. @default any */
  readonly name?: string;
  /** Entities (ids that start with `@`) are left out when true. @default false */
  readonly excludeEntities?: boolean;
  /**
   * Whether what was created last comes first, where the storage has that order for the rest of the query; else the order is its own.
   * @default false
   */
  readonly newestFirst?: boolean;
  readonly pageSize: number;
  /**
   * In characters: with the instance whose input and output bring those of the page to this length, the page ends.
   * @default any length
   */
  readonly maxPageLength?: number;
  readonly continuationToken?: string;
  readonly includeInput: boolean;
  readonly includeOutput: boolean;
}

export interface InstancePage {
  readonly instances: readonly InstanceRecord[];
  /** undefined on the last page. A page may be short or empty and still have a token. */
  readonly continuationToken: string | undefined;
}

export interface ReadOptions {
  /**
   * What a purge left that broke off may have lost large payloads: whether those are named in their place, so that the rest
   * can be seen. Not for what goes back into orchestrations. @default false
   */
  readonly namesLost?: boolean;
}

export interface HistoryRewrite {
  /** Of the load that the edits were made from. */
  readonly token: HistoryToken;
  /** In the order in which they are to be made; never empty. */
  readonly edits: readonly HistoryEdit[];
}

export interface PurgedInstance {
  /** How many records storage had of it, as far as it counts them: for reports to people. */
  readonly recordsDeleted: number;
}

/** A purge of an instance with all that is below it, which has begun. */
export interface TreePurge {
  readonly instanceId: InstanceId;
  /** Of the instance as it was then: one that was started anew since is another. null where its row does not tell. */
  readonly executionId: string | null;
}

/** What a worker runs, as others on its hub can know it. */
export interface HubApp {
  /** The same for all workers of the app, in whichever version. */
  readonly name: string;
  readonly functions: FunctionNames;
}

/** What storage keeps of an instance that has no row. */
export type Stray =
  | { readonly kind: 'history'; readonly instanceId: InstanceId }
  | {
      /** Large payloads of which there is no history, either. An instance may come more than once. */
      readonly kind: 'payloads';
      readonly instanceId: InstanceId;
      readonly count: number;
      /** As stored. */
      readonly bytes: number;
      /** Leaves those that were written again since. */
      readonly delete: () => Promise<void>;
    };

/** Who works on a hub, as far as its storage knows. */
export type HubUser =
  | {
      /** An app that has the hub for itself while it works on it: where apps take turns. */
      readonly kind: 'app';
      /** The same in every process of the app; null when storage does not tell. */
      readonly appId: string | null;
    }
  | {
      readonly kind: 'worker';
      readonly owner: string;
      /** What the worker owns of the hub. */
      readonly partition: string;
      /** ISO 8601, UTC; undefined when storage does not tell. */
      readonly until: string | undefined;
      /** What the worker runs. @default storage does not tell */
      readonly app?: HubApp | undefined;
    };

/**
 * A task hub as its clients see it: nothing here receives, and all of it works on a backend that is never started.
 *
 * @example
 * // A decorator that only clients use has no more to implement than this half.
 * class ReadOnlyHub implements TaskHubClientBackend { … }
 */
export interface TaskHubClientBackend {
  /** What this storage cannot hold. Known without asking it. */
  readonly limits: BackendLimits;

  // ---- the hub ----

  /** Creates what the hub needs in storage. Idempotent; called before anything is sent, read or received. */
  createHub(): Promise<void>;
  /** Deletes the hub with everything in it. Idempotent. @param how.force also what others hold: they lose it. */
  deleteHub(how?: { readonly force?: boolean }): Promise<void>;
  /** Whether the hub was created, by whichever process. Creates nothing. */
  hubExists(): Promise<boolean>;
  /**
   * Who works on the hub, for those who want to delete it. Empty for a hub that is not there, and for workers that leave no
   * trace in storage.
   */
  listHubUsers(): Promise<readonly HubUser[]>;
  /**
   * How many partitions the hub has, as its storage tells: for those who do not have the configuration of its app.
   * undefined for a hub that is not there, and for storage that has no partitions or does not tell.
   */
  readPartitionCount(): Promise<number | undefined>;
  /**
   * What waits in the hub, for those who start and stop workers: a look at all of it, by whichever process, that takes nothing.
   * Empty for a hub that is not there. Each call asks storage, as seldom as it can.
   * Mirrors DisconnectedPerformanceMonitor.PulseAsync.
   */
  readBacklog(): Promise<HubBacklog>;
  /**
   * A look at the first messages of a queue that takes nothing, and keeps nothing from others.
   * @returns undefined when there is no such queue, or storage does not show messages that wait for a time.
   */
  peekMessages(query: PeekQuery): Promise<readonly QueuedMessage[] | undefined>;
  /**
   * Deletes those of the first messages of a queue that are meant, of as many as `peekMessages` shows. The others stay, and may come a
   * little later.
   * @returns how many were deleted; 0 when there is no such queue.
   */
  dropMessages(queue: string, isMeant: (message: QueuedMessage) => boolean): Promise<number>;
  /** What the hub keeps where. Costs at most a request for each place. Empty for a hub that is not there. */
  readContents(): Promise<readonly HubContents[]>;
  /**
   * What storage keeps of instances that have no row, one after the other: reads the whole hub, and keeps no more of it than a page. None
   * where row, history and payloads are written as one.
   * @param writtenTo what was written later is left out: it may be about to have a row.
   */
  listStrays(writtenTo: Date): AsyncIterable<Stray>;
  /**
   * Has this app work on the hub from now on, in place of the app that does: where apps take turns.
   * @throws {DurableError} `CONFIG`, when they do not.
   */
  claimHub(): Promise<void>;

  // ---- instances ----

  /**
   * Stores a start: first the message, then the Instances row (`Pending`), so that a crash between the two cannot leave a
   * row that nothing will ever run.
   * @param existing the row that the new instance replaces, as read by `findInstance`; undefined when there is none.
   *   If the row changed since, it is left alone and the message is judged when it is received.
   * Mirrors AzureStorageOrchestrationService.CreateTaskOrchestrationAsync.
   */
  createInstance(start: StartMessage, existing: InstanceRecord | undefined): Promise<void>;
  /** Sends a message to its target's queue. */
  sendMessage(message: TaskMessage): Promise<void>;
  /** @throws {CorruptMessageError} a payload is gone, see `ReadOptions`. */
  findInstance(
    instanceId: InstanceId,
    include?: ReadOptions & { readonly input?: boolean; readonly output?: boolean },
  ): Promise<InstanceRecord | undefined>;
  /** Payloads that are gone are named. @throws {InvalidContinuationTokenError} */
  listInstances(query: InstanceQuery): Promise<InstancePage>;
  /**
   * The history of the current execution; empty when nothing is stored.
   * @throws {CorruptMessageError} a payload is gone, see `ReadOptions`.
   */
  readHistory(instanceId: InstanceId, options?: ReadOptions): Promise<readonly HistoryEvent[]>;
  /**
   * Deletes row, history and large payloads, whatever the status. Resolves undefined when there was no such row.
   * @param record as it was listed, which saves reading it. An instance that was started anew or rewound since stays, with all that it has;
   *     then the result is undefined, too.
   */
  purgeInstance(
    instanceId: InstanceId,
    record?: Pick<InstanceRecord, 'etag' | 'executionId'>,
  ): Promise<PurgedInstance | undefined>;
  /**
   * Notes a purge of a whole tree before its first step, so that a worker goes on with it should it break off; and forgets it when it is
   * over. Idempotent. A root has one at most.
   */
  notePurge(purge: TreePurge): Promise<void>;
  forgetPurge(purge: TreePurge): Promise<void>;
  /** The purges that were noted and not forgotten. With very many of them, some. */
  listPurges(): Promise<readonly TreePurge[]>;
  /** The history with its token, for those who want to write it. */
  loadHistory(instanceId: InstanceId): Promise<LoadedHistory>;
  /**
   * Replaces single events of a stored history in place; everything else of it, and of the rows replaced, stays as it is.
   * Many edits may take several steps, in the order given: after a failure the last ones may be missing, never the first.
   * The token is used up.
   * @throws {SessionLostError} somebody else wrote the history since: no further edit was made.
   * Mirrors AzureTableTrackingStore.RewindHistoryAsync.
   */
  rewriteHistory(instanceId: InstanceId, rewrite: HistoryRewrite): Promise<void>;
  /**
   * Makes the row of a finished instance say `Pending`, without output and completion time.
   * @param record as read by `findInstance`. If the row changed since, it is left alone.
   * @param lastUpdatedTime ISO 8601, UTC.
   */
  reviveInstance(record: InstanceRecord, lastUpdatedTime: string): Promise<void>;
  /**
   * Writes an Instances row again from its history (a crash came between the two).
   * @param etag of the row that is meant. If it changed since, it is left alone. @default whatever is there, or a new row
   * Mirrors the repair of UpdateInstanceStatusForCompletedOrchestrationAsync.
   */
  repairInstance(
    commit: Pick<OrchestrationCommit, 'instanceId' | 'instance'>,
    etag?: string,
  ): Promise<void>;

  // ---- messages that were set aside ----

  /** @throws {InvalidContinuationTokenError} */
  listPoison(query: {
    readonly pageSize: number;
    readonly continuationToken?: string | undefined;
  }): Promise<PoisonPage>;
  /** One message of the poison store; undefined when it is not there. */
  findPoison(id: string): Promise<PoisonMessage | undefined>;
  /**
   * Puts a message of the poison store back where it came from, and then forgets it. Should that fail half-way, it may come twice.
   * @returns false when it is not there.
   */
  replayPoison(id: string): Promise<boolean>;
  /** Deletes a message of the poison store for good. @returns false when it is not there. */
  dropPoison(id: string): Promise<boolean>;
}

/** Storage as the engine sees it: the half of the clients, and that of the worker. */
/** What keeps storage from doing its work, as a process sees it. */
export interface StorageOutage {
  /** Milliseconds since the epoch. */
  readonly sinceMs: number;
  /** What could not be done first, and why: one sentence, for people. */
  readonly reason: string;
}

export interface TaskHubBackend extends TaskHubClientBackend {
  /**
   * Why storage does not do what this process asks of it, however often it is tried; undefined while it does. Never throws.
   */
  outage(): StorageOutage | undefined;
  /**
   * Begins to own partitions and to receive messages, or to wait until it may, while another app works on the hub. Resolves
   * either way. The only door: whoever decides later that this process works on the hub, or does not any more, is behind it.
   * @param app what this worker runs, for others to know. @default others do not know
   * @throws what kept the work from beginning; then nothing is owned.
   */
  start(app?: HubApp): Promise<void>;
  /**
   * Stops receiving, hands messages that are not out back to the hub, waits for deletes under way. Items still out may be
   * committed afterwards. Idempotent.
   */
  stop(): Promise<void>;

  /**
   * Whether this process does what is done once for the hub, such as a walk over all instances. True for one of its workers at a
   * time, or for none, but for moments: what is done twice must do no harm.
   */
  leads(): boolean;
  /**
   * How many partitions this process owns at the moment: none before its start, and while it waits for another app. One where a
   * hub has a single worker. Asks nobody.
   */
  ownedPartitions(): number;
  /**
   * The apps of the other workers that are live, as far as they are known; without those that are the same as `app` in name and
   * functions. Empty for storage that one process has for itself, and for workers that leave no word of their app.
   * The same app is the same object each time.
   */
  otherApps(): readonly HubApp[];
  /**
   * What the other workers of the hub execute at the moment: each is asked itself, for a second at most. Never throws. Empty for storage
   * that one process has for itself.
   * @param count of each, those that have run longest.
   */
  runningElsewhere(count: number): Promise<readonly RunningElsewhere[]>;
  /** Has `otherApps` include those who came lately. Asks storage at most once a second. */
  lookForOthers(): Promise<void>;

  /** Waits for work. Resolves undefined when `signal` aborts. */
  nextOrchestration(signal: AbortSignal): Promise<OrchestrationWorkItem | undefined>;
  /** Whether nobody wrote the history since it had this token: what was made of it then is still true. */
  isCurrent(instanceId: InstanceId, token: HistoryToken): Promise<boolean>;
  /**
   * Finishes the item with a commit, in this order: outbox; history, guarded by `token`; Instances row; then `consumed` is
   * deleted (may go on in the background) and `deferred` is handed back.
   * @throws {SessionLostError} somebody else committed first: nothing of this history was written; the item is still out.
   * Mirrors AzureStorageOrchestrationService.CompleteTaskOrchestrationWorkItemAsync.
   */
  commitOrchestration(item: OrchestrationWorkItem, request: CommitRequest): Promise<CommitReceipt>;
  /** Finishes the item without a commit: `consumed` is deleted, `deferred` redelivered after a growing pause. */
  settleOrchestration(
    item: OrchestrationWorkItem,
    messages: Pick<CommitRequest, 'consumed' | 'deferred' | 'beforeDelete' | 'deletesFirst'>,
  ): Promise<void>;
  /**
   * Finishes the item as if it had not been taken: all its messages are delivered again after a growing pause. Never throws.
   * @param options.toAnyWorker whether another process may be the one that gets them. @default false
   * @param options.leftTo one of `otherApps`, whose workers alone can run it: one of them is to get the messages, and all that is for
   *   the instance from then on, as soon as may be. Until then they come here again, each 30 s at least.
   */
  abandonOrchestration(
    item: OrchestrationWorkItem,
    options?: { readonly toAnyWorker?: boolean; readonly leftTo?: HubApp },
  ): Promise<void>;

  /**
   * Waits for an activity that no process has reserved. Resolves undefined when `signal` aborts; none is kept from others for
   * a caller who gave up.
   */
  nextActivity(signal: AbortSignal): Promise<ActivityWorkItem | undefined>;
  /**
   * Delivers the answer to the orchestration, then deletes the work item: the answer is safe (in its queue, or held here and
   * the work item deleted only with the history that holds the answer) before the work item goes.
   */
  completeActivity(item: ActivityWorkItem, response: TaskMessage): Promise<void>;
  /**
   * Gives the work item back; another worker, or this one, runs it again after a growing pause. Never throws.
   * @param options.isUntried nobody has begun with it: whoever is free may have it at once. @default false
   * @param options.toOthers it is to be run by another worker: none of this process gets it for a moment. @default false
   */
  abandonActivity(
    item: ActivityWorkItem,
    options?: { readonly isUntried?: boolean; readonly toOthers?: boolean },
  ): Promise<void>;

  /**
   * Waits for a message that cannot be read. Such messages keep no other from being delivered. Resolves undefined when `signal`
   * aborts.
   */
  nextUnreadable(signal: AbortSignal): Promise<UnreadableMessage | undefined>;
  /** Gives the message back; it is delivered again after a growing pause, to whoever may read it. Never throws. */
  abandonUnreadable(message: UnreadableMessage): Promise<void>;
  /**
   * Puts messages into the poison store of the hub, where they stay until somebody looks; one that is there already stays one. Those
   * that cannot be read are then deleted. Those that were delivered still belong to their item: finish it with them among `consumed`.
   * @param reason for people.
   */
  setAside(
    messages: readonly (DeliveredMessage | UnreadableMessage | TakenMessage)[],
    reason: string,
  ): Promise<void>;
}
