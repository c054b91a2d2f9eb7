/**
 * The task hub in a folder of this machine, as durable as a database: history, row, messages and timers of a commit are one
 * transaction, and what is acknowledged is on the disk. One host at a time works on a folder; other processes may use it beside
 * that: each of them opens the database itself, and rings (`doorbell.ts`) when it has put something.
 *
 * It stores and delivers by the rules of TaskHubBackend and decides nothing. What B6 allows does not happen here: a commit that
 * throws has delivered nothing.
 */
import path from 'node:path';
import { whenAborted } from '../base/abort.ts';
import { type Clock, SYSTEM_CLOCK } from '../base/clock.ts';
import { DurableError } from '../core/errors.ts';
import { isActivityMessage } from '../core/task-message.ts';
import type { HistoryToken, HubUser } from '../engine/backend.ts';
import type { MovableTaskHubBackend } from '../engine/hub-archive.ts';
import { errorText, text } from '../telemetry/log-events.ts';
import type { Logger } from '../telemetry/log.ts';
import { commitOrchestration } from './commit-orchestration.ts';
import { ringDoorbell } from './doorbell.ts';
import type { TransactionListener } from './group-commit.ts';
import { findHead, readEvents } from './histories.ts';
import { createHubArchive } from './hub-archive.ts';
import { HubDatabase } from './hub-database.ts';
import { HubHealth } from './hub-health.ts';
import { HubMail } from './hub-mail.ts';
import { livingOwner, writtenOwner } from './hub-owner.ts';
import { HubTenancy } from './hub-tenancy.ts';
import { planPurge, planRepair, planRevival, planRewrite } from './instance-changes.ts';
import { listPage } from './instance-list.ts';
import { findRow, recordOf } from './instance-rows.ts';
import { LOCAL_LIMITS } from './limits.ts';
import { MailOffice } from './mail-office.ts';
import { peekMessages, planDrop, readContents } from './peek-messages.ts';
import { findPoison, listPoison, removePoison } from './poison-rows.ts';
import { listPurges, putPurge, removePurge } from './purge-rows.ts';
import { EMPTY_BACKLOG, readBacklog } from './read-backlog.ts';
import { unreadableRowOf } from './unreadable-row.ts';

export interface LocalBackendOptions {
  /** Holds a folder for each hub. */
  readonly path: string;
  readonly taskHub: string;
  readonly log: Logger;
  /** @default the system's clock and timers */
  readonly clock?: Clock;
  /**
   * The pause before a message is delivered again, in ms, by how often it was delivered.
   * @default 200 ms, doubled each time, at most 10 minutes
   */
  readonly redeliveryPauseMs?: (dequeueCount: number) => number;
  /** In messages: what more can be delivered waits in the hub. @default 5000 of either kind */
  readonly maxHeldMessages?: number;
  /** Told of every transaction of this backend. */
  readonly transactions?: TransactionListener;
}

function doublingPause(dequeueCount: number): number {
  return Math.min(100 * 2 ** dequeueCount, 600_000);
}

/**
 * @example
 * const options = { path: '/srv/app/.durable', taskHub: 'Orders', log };
 * const worker = createLocalBackend(options);
 * await worker.createHub();
 * await worker.start(); // the only one that may
 * const client = createLocalBackend(options); // here, or in another process: sees the same hub
 */
export function createLocalBackend(options: LocalBackendOptions): MovableTaskHubBackend {
  const { taskHub, log, clock = SYSTEM_CLOCK } = options;
  const folder = path.join(options.path, taskHub);
  const health = new HubHealth(taskHub, log);
  const database = new HubDatabase({ taskHub, folder, health, transactions: options.transactions });
  const failed = (error: unknown): void => {
    const message = `Work on task hub '${taskHub}' is held up: ${errorText(error)}`;
    text(log, 'error', 'Host.Triggers.DurableTask', message, error);
  };
  let epoch = 0;
  const mail = new HubMail({
    database,
    clock,
    failed,
    redeliveryPauseMs: options.redeliveryPauseMs ?? doublingPause,
    epoch: () => epoch,
    maxHeld: options.maxHeldMessages,
  });
  const office = new MailOffice({ database, mail, failed });
  const tenancy = new HubTenancy({
    database,
    folder,
    failed,
    began() {
      epoch += 1;
      mail.open();
    },
    lost: () => void mail.close(),
    look: () => {
      mail.look();
    },
  });
  let running = AbortSignal.abort();
  let stopRunning = (): void => undefined;

  /** Others work on the hub: they hear of what was put. */
  const ring = (): void => {
    if (tenancy.isBegun) return;
    const owner = database.read(writtenOwner);
    if (owner?.doorbell) ringDoorbell(folder, owner.doorbell);
  };
  /** A backend that does not run has nothing to offer. */
  async function nextOf<Item>(
    next: (...signals: readonly AbortSignal[]) => Promise<Item | undefined>,
    signal: AbortSignal,
  ): Promise<Item | undefined> {
    const item = tenancy.isBegun ? await next(signal, running) : undefined;
    if (item === undefined) await whenAborted(signal);
    return item;
  }

  return {
    ...createHubArchive(database),
    limits: LOCAL_LIMITS,
    createHub: () => database.create(),
    hubExists: () => settled(() => database.exists()),
    /** Who works on it, if anybody, sees that it is gone. */
    async deleteHub() {
      mail.close();
      await database.delete();
    },
    async listHubUsers() {
      const owner = database.exists() ? await livingOwner(database, folder) : undefined;
      if (owner === undefined) return [];
      const { pid, host } = owner;
      const user: HubUser = {
        kind: 'worker',
        owner: `${host}:${pid}`,
        partition: 'the hub',
        until: undefined,
      };
      return [user];
    },
    /** There are none. */
    readPartitionCount: () => Promise.resolve(undefined),
    async readBacklog() {
      if (!database.exists()) return EMPTY_BACKLOG;
      const owner = await livingOwner(database, folder);
      const processes = owner === undefined ? 0 : 1;
      return database.read((tables) => readBacklog(tables, { nowMs: clock.now(), processes }));
    },
    dropMessages: (queue, isMeant) => database.write((tables) => planDrop(tables, queue, isMeant)),
    async peekMessages(query) {
      return await settled(() =>
        database.exists() ? database.read((tables) => peekMessages(tables, query)) : undefined,
      );
    },
    readContents: () =>
      settled(() => (database.exists() ? database.read((tables) => readContents(tables)) : [])),
    /** None: a commit is one transaction. */
    async *listStrays() {
      // Nothing to give.
    },
    claimHub: () =>
      tenancy.isBegun
        ? Promise.resolve()
        : Promise.reject(
            new DurableError(
              'CONFIG',
              `Hosts do not take turns on a task hub in a folder. Stop the host that works on '${taskHub}'.`,
            ),
          ),

    outage: () => health.outage,

    async start() {
      const controller = new AbortController();
      running = controller.signal;
      stopRunning = () => {
        controller.abort();
      };
      await tenancy.begin();
    },
    async stop() {
      stopRunning();
      const answers = mail.close();
      if (answers.length > 0) await office.store(answers);
      await office.settled();
      await tenancy.end();
      await database.close();
    },

    async createInstance(start, existing) {
      await office.start(start, existing);
      ring();
    },
    async sendMessage(message) {
      await office.send([message]);
      ring();
    },
    findInstance: (instanceId, include = {}) =>
      settled(() =>
        database.read((tables) => {
          const row = findRow(tables, instanceId);
          return row && recordOf(tables, row, include);
        }),
      ),
    listInstances: (query) => settled(() => database.read((tables) => listPage(tables, query))),
    readHistory: (instanceId) =>
      settled(() => database.read((tables) => readEvents(tables, instanceId))),
    loadHistory: (instanceId) =>
      settled(() =>
        database.read((tables) => {
          const head = findHead(tables, instanceId);
          return {
            executionId: head?.executionId,
            events: readEvents(tables, instanceId),
            token: head?.version as HistoryToken | undefined,
          };
        }),
      ),
    isCurrent: (instanceId, token) =>
      settled(() => database.read((tables) => findHead(tables, instanceId)?.version === token)),
    purgeInstance: (instanceId, record) =>
      database.write((tables) => planPurge(tables, instanceId, record)),
    notePurge: (purge) =>
      database.write((tables) => () => {
        putPurge(tables, purge);
      }),
    forgetPurge: (purge) =>
      database.write((tables) => () => {
        removePurge(tables, purge);
      }),
    listPurges: () => settled(() => database.read(listPurges)),
    rewriteHistory: (instanceId, rewrite) =>
      database.write((tables) => planRewrite(tables, instanceId, rewrite)),
    reviveInstance: (record, lastUpdatedTime) =>
      database.write((tables) => planRevival(tables, record, lastUpdatedTime)),
    repairInstance: (commit, etag) => database.write((tables) => planRepair(tables, commit, etag)),

    listPoison: (query) => settled(() => database.read((tables) => listPoison(tables, query))),
    findPoison: (id) => settled(() => database.read((tables) => findPoison(tables, id))),
    async replayPoison(id) {
      const isThere = await office.replay(id);
      ring();
      return isThere;
    },
    dropPoison: (id) => database.write((tables) => () => removePoison(tables, id)),

    leads: () => true,
    ownedPartitions: () => 1,
    otherApps: () => [],
    runningElsewhere: () => Promise.resolve([]),
    lookForOthers: () => Promise.resolve(),
    nextOrchestration: (signal) => nextOf((...signals) => mail.nextItem(...signals), signal),
    commitOrchestration: (item, request) => commitOrchestration(office, item, request),
    settleOrchestration: (item, messages) => office.finish(item, messages),
    abandonOrchestration: (item) => office.giveBackItem(item),

    nextActivity: (signal) => nextOf((...signals) => mail.activityLine.next(...signals), signal),
    completeActivity: (item, response) => office.answer(item, response),
    async abandonActivity(item, { isUntried = false } = {}) {
      if (isUntried && isActivityMessage(item.message)) mail.putBack(item);
      else await office.giveBack([item]);
    },

    nextUnreadable: (signal) =>
      nextOf((...signals) => mail.unreadableLine.next(...signals), signal),
    abandonUnreadable: (message) =>
      settled(() => {
        mail.redeliverUnreadable(unreadableRowOf(message));
      }),
    setAside: (messages, reason) => office.setAside(messages, { reason, nowMs: clock.now() }),
  };
}

/** What throws, rejects. */
function settled<Result>(look: () => Result): Promise<Result> {
  return new Promise((resolve) => {
    resolve(look());
  });
}
