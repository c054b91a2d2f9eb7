/**
 * A client of a task hub that this host does not work on. It finds the hub when it is first used; reading creates nothing, and
 * sending creates the hub when its own app was not there yet, as the .NET extension does.
 */
import type { Config } from '../config/config.ts';
import { InvalidInputError } from '../core/errors.ts';
import type { HistoryEvent } from '../core/history-event.ts';
import type { HubBacklog } from '../core/hub-backlog.ts';
import type { InstanceRecord } from '../core/instance-status.ts';
import type { PoisonMessage } from '../core/poison-message.ts';
import type {
  HubUser,
  InstancePage,
  LoadedHistory,
  PoisonPage,
  PurgedInstance,
  TaskHubClientBackend,
  TreePurge,
} from '../engine/backend.ts';
import type { TaskHubClient } from '../engine/task-hub-client.ts';
import type { Logger } from '../telemetry/log.ts';
import type { OtherHub } from './app-hubs.ts';
import { createBackend, createClient, withPartitionCount } from './connect-hub.ts';

/** @returns opens a hub once and for all, as soon as storage says how many partitions it has. */
export function otherHubOpener(
  config: Config,
  log: Logger,
): (hub: OtherHub) => Promise<TaskHubClient> {
  const opened = new Map<OtherHub, TaskHubClient>();
  return async (hub) => {
    const known = opened.get(hub);
    if (known !== undefined) return known;
    const asked = {
      ...config,
      connection: hub.connection,
      durableTask: { ...config.durableTask, hubName: hub.name },
    };
    // What storage does not tell is taken to be as in the own hub.
    const stored = await createBackend(asked, log).readPartitionCount();
    const configured = withPartitionCount(asked, stored);
    const client = createClient(
      new OtherHubBackend(createBackend(configured, log)),
      configured,
      log,
    );
    if (stored !== undefined) opened.set(hub, client);
    return client;
  };
}

/** A hub that need not be there: it is empty until something is sent to it. */
export class OtherHubBackend implements TaskHubClientBackend {
  readonly #backend: TaskHubClientBackend;
  #created: Promise<void> | undefined;

  constructor(backend: TaskHubClientBackend) {
    this.#backend = backend;
  }

  get limits(): TaskHubClientBackend['limits'] {
    return this.#backend.limits;
  }

  async createHub(): Promise<void> {
    try {
      await (this.#created ??= this.#backend.createHub());
    } catch (error) {
      this.#created = undefined;
      throw error;
    }
  }

  deleteHub(...how: Parameters<TaskHubClientBackend['deleteHub']>): Promise<void> {
    this.#created = undefined;
    return this.#backend.deleteHub(...how);
  }

  hubExists(): Promise<boolean> {
    return this.#backend.hubExists();
  }

  listHubUsers(): Promise<readonly HubUser[]> {
    return this.#backend.listHubUsers();
  }

  readPartitionCount(): Promise<number | undefined> {
    return this.#backend.readPartitionCount();
  }

  readBacklog(): Promise<HubBacklog> {
    return this.#backend.readBacklog();
  }

  peekMessages(
    ...query: Parameters<TaskHubClientBackend['peekMessages']>
  ): ReturnType<TaskHubClientBackend['peekMessages']> {
    return this.#backend.peekMessages(...query);
  }

  readContents(): ReturnType<TaskHubClientBackend['readContents']> {
    return this.#backend.readContents();
  }

  listStrays(writtenTo: Date): ReturnType<TaskHubClientBackend['listStrays']> {
    return this.#backend.listStrays(writtenTo);
  }

  claimHub(): Promise<void> {
    return Promise.reject(new InvalidInputError('This host does not work on that task hub.'));
  }

  async createInstance(
    ...start: Parameters<TaskHubClientBackend['createInstance']>
  ): Promise<void> {
    await this.createHub();
    await this.#backend.createInstance(...start);
  }

  async sendMessage(...message: Parameters<TaskHubClientBackend['sendMessage']>): Promise<void> {
    await this.createHub();
    await this.#backend.sendMessage(...message);
  }

  findInstance(
    ...asked: Parameters<TaskHubClientBackend['findInstance']>
  ): Promise<InstanceRecord | undefined> {
    return this.#ifThere(() => this.#backend.findInstance(...asked), undefined);
  }

  listInstances(
    ...query: Parameters<TaskHubClientBackend['listInstances']>
  ): Promise<InstancePage> {
    const nothing = { instances: [], continuationToken: undefined };
    return this.#ifThere(() => this.#backend.listInstances(...query), nothing);
  }

  readHistory(
    ...asked: Parameters<TaskHubClientBackend['readHistory']>
  ): Promise<readonly HistoryEvent[]> {
    return this.#ifThere(() => this.#backend.readHistory(...asked), []);
  }

  purgeInstance(
    ...asked: Parameters<TaskHubClientBackend['purgeInstance']>
  ): Promise<PurgedInstance | undefined> {
    return this.#ifThere(() => this.#backend.purgeInstance(...asked), undefined);
  }

  dropMessages(...asked: Parameters<TaskHubClientBackend['dropMessages']>): Promise<number> {
    return this.#ifThere(() => this.#backend.dropMessages(...asked), 0);
  }

  listPurges(): Promise<readonly TreePurge[]> {
    return this.#ifThere(() => this.#backend.listPurges(), []);
  }

  // Asked for only by who has read an instance of the hub: it is there.

  notePurge(purge: TreePurge): Promise<void> {
    return this.#backend.notePurge(purge);
  }

  forgetPurge(purge: TreePurge): Promise<void> {
    return this.#backend.forgetPurge(purge);
  }

  loadHistory(...asked: Parameters<TaskHubClientBackend['loadHistory']>): Promise<LoadedHistory> {
    return this.#backend.loadHistory(...asked);
  }

  rewriteHistory(...rewrite: Parameters<TaskHubClientBackend['rewriteHistory']>): Promise<void> {
    return this.#backend.rewriteHistory(...rewrite);
  }

  reviveInstance(...row: Parameters<TaskHubClientBackend['reviveInstance']>): Promise<void> {
    return this.#backend.reviveInstance(...row);
  }

  repairInstance(...row: Parameters<TaskHubClientBackend['repairInstance']>): Promise<void> {
    return this.#backend.repairInstance(...row);
  }

  listPoison(...query: Parameters<TaskHubClientBackend['listPoison']>): Promise<PoisonPage> {
    const nothing = { messages: [], continuationToken: undefined };
    return this.#ifThere(() => this.#backend.listPoison(...query), nothing);
  }

  findPoison(id: string): Promise<PoisonMessage | undefined> {
    return this.#ifThere(() => this.#backend.findPoison(id), undefined);
  }

  replayPoison(id: string): Promise<boolean> {
    return this.#ifThere(() => this.#backend.replayPoison(id), false);
  }

  dropPoison(id: string): Promise<boolean> {
    return this.#ifThere(() => this.#backend.dropPoison(id), false);
  }

  /** @param nothing what a hub that is not there has to say. */
  async #ifThere<Result>(read: () => Promise<Result>, nothing: Result): Promise<Result> {
    try {
      return await read();
    } catch (error) {
      if (await this.#isMissing()) return nothing;
      throw error;
    }
  }

  /** An answer that does not come hides no error of the read. */
  async #isMissing(): Promise<boolean> {
    try {
      return !(await this.#backend.hubExists());
    } catch {
      return false;
    }
  }
}
