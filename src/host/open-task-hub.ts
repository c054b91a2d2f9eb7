/**
 * A task hub for commands that run without a host: a client on a backend that receives nothing, so that what it sends is
 * left for the workers of the hub. Reading never creates anything in storage.
 */
import { existsSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { describeAccount } from '../config/storage-connection.ts';
import { BackendUnavailableError, NotSupportedError } from '../core/errors.ts';
import type { Versioning } from '../core/versioning.ts';
import type { MovableHub } from '../engine/hub-archive.ts';
import type { TaskHubClient } from '../engine/task-hub-client.ts';
import { silentLogger } from '../telemetry/log.ts';
import { developmentStorageAnswers } from './azurite.ts';
import { emulatorFolder, startMissingEmulator } from './emulator.ts';
import {
  connectHub,
  createBackend,
  describeStore,
  withPartitionCount,
} from '../hub/connect-hub.ts';
import { versioningOf } from '../hub/versioning-of.ts';
import { refuseWhileInUse } from './hub-in-use.ts';
import type { HubStore } from './hub-store.ts';
import { loadReplayer, type LoadedReplayer } from './load-replayer.ts';

export interface OpenTaskHub {
  readonly name: string;
  /** `storage account devstoreaccount1 (127.0.0.1:10000)`, `the folder /srv/app/.durable`; never a key. */
  readonly place: string;
  readonly client: TaskHubClient;
  /** The storage of the hub, past its client. */
  readonly backend: MovableHub;
  /** Which versions of instances the app runs; undefined for all. */
  readonly versioning: Versioning | undefined;
  /**
   * Loads the app of the configuration, to see what its code would do with what is stored. Its code runs in this process.
   * @throws {DurableError} when it cannot be loaded.
   */
  loadReplayer(): Promise<LoadedReplayer>;
  /** Whether there is a hub of this name. */
  exists(): Promise<boolean>;
  create(): Promise<void>;
  /**
   * Deletes the hub with everything in it.
   * @throws {DurableError} while somebody works on it, unless `force` is set; then nothing was deleted.
   */
  delete(how: { readonly force: boolean }): Promise<void>;
  /** @throws {DurableError} while somebody works on the hub. @param undone what was not done for that reason. */
  refuseWhileInUse(undone: string): Promise<void>;
  /** Ends what was started to reach the hub. */
  close(): Promise<void>;
}

export interface OpenTaskHubOptions {
  readonly hubName: string;
  /** The hub, found by the same rules as by its host. */
  readonly store: HubStore;
  /** Whether storage may be started where none ever was. */
  readonly mayStartEmulator: boolean;
  /** Takes lines about what is started to reach the hub. */
  readonly say: (line: string) => void;
}

/**
 * @throws {NotSupportedError} for a hub in the memory of a host.
 * @throws {BackendUnavailableError} when nothing answers where the storage emulator should be.
 */
export async function openTaskHub({
  hubName,
  store,
  mayStartEmulator,
  say,
}: OpenTaskHubOptions): Promise<OpenTaskHub> {
  const { config } = store;
  const { connection, localFolder } = config;
  if (connection === undefined && localFolder === undefined) {
    throw new NotSupportedError(
      `The task hub '${hubName}' is in the memory of its host: use the management API of that host.`,
    );
  }
  const emulator = await reachEmulator(store, { mayStartEmulator, say });
  const close = async (): Promise<void> => {
    await emulator?.stop();
  };
  try {
    const configured = await ofHub(config, hubName);
    const { backend, client, create } = connectHub(configured, silentLogger);
    return {
      name: hubName,
      place:
        connection === undefined
          ? describeStore(config)
          : `storage account ${describeAccount(connection)}`,
      client,
      backend,
      versioning: versioningOf(config),
      loadReplayer: () => loadReplayer(configured, backend),
      exists: () => backend.hubExists(),
      create,
      async delete({ force }) {
        if (!force) await refuseWhileInUse(backend, configured, 'nothing was deleted');
        await backend.deleteHub({ force });
      },
      refuseWhileInUse: (undone) => refuseWhileInUse(backend, configured, undone),
      async close() {
        // What workers are told, they have been told by then: the process ends next.
        await backend.stop();
        await close();
      },
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function reachEmulator(
  store: HubStore,
  { mayStartEmulator, say }: Pick<OpenTaskHubOptions, 'mayStartEmulator' | 'say'>,
): ReturnType<typeof startMissingEmulator> {
  const { config, usesEmulator } = store;
  if (!usesEmulator) return undefined;
  // The host that started the emulator ended it too, but its data are here.
  if (mayStartEmulator || existsSync(emulatorFolder(config))) {
    return startMissingEmulator(store, say);
  }
  if (await developmentStorageAnswers()) return undefined;
  throw new BackendUnavailableError(
    'Nothing answers for UseDevelopmentStorage=true. Start the host (func start), which starts Azurite when it is missing, or Azurite itself.',
  );
}

/** Without host.json nobody said how many partitions the hub has; its storage may know. */
async function ofHub(config: Config, hubName: string): Promise<Config> {
  const { durableTask } = config;
  const named = {
    ...config,
    // Durable Functions never leaves the version out.
    durableTask: { ...durableTask, hubName, defaultVersion: durableTask.defaultVersion ?? '' },
  };
  if (config.hostJsonPath !== undefined) return named;
  return withPartitionCount(named, await createBackend(named, silentLogger).readPartitionCount());
}
