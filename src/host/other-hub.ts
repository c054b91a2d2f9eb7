/**
 * A client of a task hub that this host does not work on. It finds the hub when it is first used; reading creates nothing, and
 * sending creates the hub when its own app was not there yet, as the .NET extension does.
 */
import { readPartitionCount } from '../azure-storage/read-partition-count.ts';
import { codeOf } from '../azure-storage/storage-error.ts';
import type { Config } from '../config/config.ts';
import { InvalidInputError } from '../core/errors.ts';
import type { TaskHubBackend } from '../engine/backend.ts';
import type { TaskHubClient } from '../engine/task-hub-client.ts';
import type { Logger } from '../telemetry/log.ts';
import type { OtherHub } from './app-hubs.ts';
import { createClient } from './client.ts';
import { storageAccess } from './storage-access.ts';
import { createBackend } from './storage.ts';

/** @returns opens a hub once and for all, as soon as storage says how many partitions it has. */
export function otherHubOpener(
  config: Config,
  log: Logger,
): (hub: OtherHub) => Promise<TaskHubClient> {
  const opened = new Map<OtherHub, TaskHubClient>();
  return async (hub) => {
    const known = opened.get(hub);
    if (known !== undefined) return known;
    const account = storageAccess(hub.connection, config);
    const stored = await readPartitionCount({ account, taskHub: hub.name });
    const configured = configOf(hub, config, stored);
    const client = createClient(clientOnly(createBackend(configured, log)), configured, log);
    if (stored !== undefined) opened.set(hub, client);
    return client;
  };
}

/** What storage does not tell is taken to be as in the own hub. */
function configOf(hub: OtherHub, config: Config, partitionCount: number | undefined): Config {
  const { durableTask } = config;
  const { storageProvider } = durableTask;
  return {
    ...config,
    connection: hub.connection,
    durableTask: {
      ...durableTask,
      hubName: hub.name,
      storageProvider: {
        ...storageProvider,
        partitionCount: partitionCount ?? storageProvider.partitionCount,
      },
    },
  };
}

function clientOnly(backend: TaskHubBackend): TaskHubBackend {
  let created: Promise<void> | undefined;
  const create = async (): Promise<void> => {
    try {
      await (created ??= backend.createHub());
    } catch (error) {
      created = undefined;
      throw error;
    }
  };
  return {
    ...backend,
    async createInstance(start, existing) {
      await create();
      await backend.createInstance(start, existing);
    },
    async sendMessage(message) {
      await create();
      await backend.sendMessage(message);
    },
    makePrimary: () =>
      Promise.reject(new InvalidInputError('This host does not work on that task hub.')),
    findInstance: (id, include) =>
      unlessMissing(() => backend.findInstance(id, include), undefined),
    listInstances: (query) =>
      unlessMissing(() => backend.listInstances(query), {
        instances: [],
        continuationToken: undefined,
      }),
    readHistory: (id, options) => unlessMissing(() => backend.readHistory(id, options), []),
    purgeInstance: (id) => unlessMissing(() => backend.purgeInstance(id), undefined),
  };
}

/** @param nothing what a hub that is not there has to say. */
async function unlessMissing<Result>(
  read: () => Promise<Result>,
  nothing: Result,
): Promise<Result> {
  try {
    return await read();
  } catch (error) {
    if (codeOf(error) === 'TableNotFound') return nothing;
    throw error;
  }
}
