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
 */
import type { BackendLimits } from '../core/backend-limits.ts';
import type { OrchestrationCommit } from '../core/commit.ts';
import type { HistoryEvent } from '../core/history-event.ts';
import type { ExecutionId, InstanceId } from '../core/ids.ts';
import type { InstancePatch, InstanceRecord, RuntimeStatus } from '../core/instance-status.ts';
import type { HistoryEdit } from '../core/lifecycle/rewind.ts';
import type { ActivityMessage, StartMessage, TaskMessage } from '../core/task-message.ts';

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
  /** Empty or absent: every status. */
  readonly runtimeStatuses?: readonly RuntimeStatus[];
  readonly instanceIdPrefix?: string;
  /** Entities (ids that start with `@`) are left out when true. @default false */
  readonly excludeEntities?: boolean;
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
   * @param record as it was listed, which saves reading it. An instance that was started anew since stays, with all that it has;
   *     then the result is undefined, too.
   */
  purgeInstance(
    instanceId: InstanceId,
    record?: Pick<InstanceRecord, 'etag' | 'executionId'>,
  ): Promise<PurgedInstance | undefined>;
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
}

/** Storage as the engine sees it: the half of the clients, and that of the worker. */
export interface TaskHubBackend extends TaskHubClientBackend {
  /**
   * Begins to own partitions and to receive messages, or to wait until it may, while another app works on the hub. Resolves
   * either way. The only door: whoever decides later that this process works on the hub, or does not any more, is behind it.
   * @throws what kept the work from beginning; then nothing is owned.
   */
  start(): Promise<void>;
  /**
   * Stops receiving, hands messages that are not out back to the hub, waits for deletes under way. Items still out may be
   * committed afterwards. Idempotent.
   */
  stop(): Promise<void>;

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
   * @param toAnyWorker whether another process may be the one that gets them. @default false
   */
  abandonOrchestration(
    item: OrchestrationWorkItem,
    options?: { readonly toAnyWorker?: boolean },
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
   */
  abandonActivity(
    item: ActivityWorkItem,
    options?: { readonly isUntried?: boolean },
  ): Promise<void>;
}
