/**
 * A task hub for commands that run without a host: a client on a backend that receives nothing, so that what it sends is
 * left for the workers of the hub. Reading never creates anything in storage.
 */
import { existsSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { describeAccount } from '../config/storage-connection.ts';
import { BackendUnavailableError, NotSupportedError } from '../core/errors.ts';
import type { TaskHubClientBackend } from '../engine/backend.ts';
import type { TaskHubClient } from '../engine/task-hub-client.ts';
import { silentLogger } from '../telemetry/log.ts';
import { developmentStorageAnswers } from './azurite.ts';
import { emulatorFolder, startMissingEmulator } from './emulator.ts';
import { connectHub, createBackend, withPartitionCount } from './hub/connect-hub.ts';
import { refuseWhileInUse } from './hub-in-use.ts';

export interface OpenTaskHub {
  readonly name: string;
  /** `devstoreaccount1 (127.0.0.1:10000)`; never a key. */
  readonly account: string;
  readonly client: TaskHubClient;
  /** The storage of the hub, past its client. */
  readonly backend: TaskHubClientBackend;
  /** Whether there is a hub of this name in the account. */
  exists(): Promise<boolean>;
  create(): Promise<void>;
  /**
   * Deletes the hub with everything in it.
   * @throws {DurableError} while somebody works on it, unless `force` is set; then nothing was deleted.
   */
  delete(how: { readonly force: boolean }): Promise<void>;
  /** Ends what was started to reach the hub. */
  close(): Promise<void>;
}

export interface OpenTaskHubOptions {
  readonly hubName: string;
  /** Whether storage may be started where none ever was. */
  readonly mayStartEmulator: boolean;
  /** Takes lines about what is started to reach the hub. */
  readonly say: (line: string) => void;
}

/**
 * @throws {NotSupportedError} for a hub in the memory of a host.
 * @throws {BackendUnavailableError} when nothing answers where the storage emulator should be.
 */
export async function openTaskHub(
  config: Config,
  { hubName, mayStartEmulator, say }: OpenTaskHubOptions,
): Promise<OpenTaskHub> {
  const { connection } = config;
  if (connection === undefined) {
    throw new NotSupportedError(
      `The task hub '${hubName}' is in the memory of its host: use the management API of that host.`,
    );
  }
  const emulator = await reachEmulator(config, { mayStartEmulator, say });
  const close = async (): Promise<void> => {
    await emulator?.stop();
  };
  try {
    const configured = await ofHub(config, hubName);
    const { backend, client, create } = connectHub(configured, silentLogger);
    return {
      name: hubName,
      account: describeAccount(connection),
      client,
      backend,
      exists: () => backend.hubExists(),
      create,
      async delete({ force }) {
        if (!force) await refuseWhileInUse(backend, configured);
        await backend.deleteHub({ force });
      },
      close,
    };
  } catch (error) {
    await close();
    throw error;
  }
}

async function reachEmulator(
  config: Config,
  { mayStartEmulator, say }: Pick<OpenTaskHubOptions, 'mayStartEmulator' | 'say'>,
): ReturnType<typeof startMissingEmulator> {
  // The host that started the emulator ended it too, but its data are here.
  if (mayStartEmulator || existsSync(emulatorFolder(config))) {
    return startMissingEmulator(config, say);
  }
  if (config.connection?.account.isDevelopmentStorage !== true) return undefined;
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
