/**
 * The task hubs that clients of the app may use: the host's own, and those that a durable client binding of the app names by
 * `taskHub` or `connectionName`. A request may choose between them, and bring others only where `otherHubs` is `any`.
 * Mirrors DurableTaskExtension.GetClient, which opens whatever it is asked for.
 */
import type { Config } from '../config/config.ts';
import { checkHubName } from '../config/hub-name.ts';
import { findStorageConnection, type StorageConnection } from '../config/storage-connection.ts';
import { NotSupportedError } from '../core/errors.ts';
import type { TaskHubClient } from '../engine/task-hub-client.ts';
import { isOwnHub, type HubAddress } from './management-address.ts';

/** A hub that is not the host's own. */
export interface OtherHub {
  readonly name: string;
  /** undefined: in the folder of the host's own. */
  readonly connection: StorageConnection | undefined;
}

export interface AppHubsOptions {
  readonly config: Config;
  /** Of the host's own hub. */
  readonly client: TaskHubClient;
  readonly openOther: (hub: OtherHub) => Promise<TaskHubClient>;
}

export class AppHubs {
  readonly #options: AppHubsOptions;
  readonly #others = new Map<string, OtherHub>();

  constructor(options: AppHubsOptions) {
    this.#options = options;
  }

  isOwn(asked: HubAddress): boolean {
    return isOwnHub(asked, this.#options.config);
  }

  /**
   * A binding of the app names this hub: from now on it is served.
   * @returns undefined for the host's own.
   * @throws {DurableError} when it cannot be served.
   */
  admit(asked: HubAddress): OtherHub | undefined {
    if (this.isOwn(asked)) return undefined;
    const key = this.#keyOf(asked);
    const known = this.#others.get(key);
    if (known !== undefined) return known;
    const { config } = this.#options;
    if (!this.#reachesOthers) {
      throw new NotSupportedError(
        `The hub of this host is in its memory, and so it can reach no other: ${describeHub(asked)}.`,
      );
    }
    if (config.connection === undefined && !this.#hasOwnConnection(asked)) {
      throw new NotSupportedError(
        `The hub of this host is in a folder (storageProvider.type), and so it can reach no hub in a storage account: ${describeHub(asked)}.`,
      );
    }
    const connection = this.#hasOwnConnection(asked)
      ? config.connection
      : findStorageConnection(config.environment, asked.connection ?? '');
    const name = checkHubName(asked.taskHub ?? config.durableTask.hubName);
    const hub = { name, connection };
    this.#others.set(key, hub);
    return hub;
  }

  /** For code of the app, which may name hubs. @throws {DurableError} for a hub that cannot be served. */
  async clientOfApp(asked: HubAddress): Promise<TaskHubClient> {
    const hub = this.admit(asked);
    return hub === undefined ? this.#options.client : await this.#options.openOther(hub);
  }

  /**
   * For requests. undefined for a hub that they may not name.
   * @throws {DurableError} where they may name any, and this can be none.
   */
  async client(asked: HubAddress): Promise<TaskHubClient | undefined> {
    if (this.isOwn(asked)) return this.#options.client;
    const { config, openOther } = this.#options;
    const takesAny = config.durableTask.otherHubs === 'any' && this.#reachesOthers;
    const hub = takesAny ? this.admit(asked) : this.#others.get(this.#keyOf(asked));
    return hub && (await openOther(hub));
  }

  /** Not from the memory of a process. */
  get #reachesOthers(): boolean {
    const { connection, localFolder } = this.#options.config;
    return connection !== undefined || localFolder !== undefined;
  }

  #hasOwnConnection({ connection }: HubAddress): boolean {
    return this.isOwn({ ...(connection !== undefined && { connection }) });
  }

  #keyOf(asked: HubAddress): string {
    const { taskHub = this.#options.config.durableTask.hubName, connection = '' } = asked;
    const names = [taskHub, this.#hasOwnConnection(asked) ? '' : connection];
    return JSON.stringify(names.map((name) => name.toLowerCase()));
  }
}

function describeHub({ taskHub, connection }: HubAddress): string {
  const names = [taskHub && `taskHub '${taskHub}'`, connection && `connection '${connection}'`];
  return names.filter(Boolean).join(', ');
}
