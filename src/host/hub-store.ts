/**
 * Where the task hub is, when the configuration leaves it open: UseDevelopmentStorage=true is what every new app has, and says only
 * that an emulator would do. The choice follows from what is there, so that a host, its successor and `func durable` make the same
 * one, and no hub is left behind:
 * S0 Several processes of the app share a hub: the emulator.
 * S1 Else instances in the folder of the hub: the folder, whoever answers by now.
 * S2 Else an emulator that answers; or data that one left here, which is started again.
 * S3 Else the emulator, when functions of the app need it anyway.
 * S4 Else the folder.
 */
import { existsSync, readdirSync } from 'node:fs';
import type { Config } from '../config/config.ts';
import { describeAccount } from '../config/storage-connection.ts';
import { workerProcessCount } from '../config/worker-process-count.ts';
import { createLocalBackend } from '../local/local-backend.ts';
import { silentLogger } from '../telemetry/log.ts';
import { developmentStorageAnswers } from './azurite.ts';
import { emulatorFolder } from './emulator.ts';
import { type DeclaredBindings, functionsInDevelopmentStorage } from './storage-needs.ts';

/** What the choice follows from. */
export interface StoreFacts {
  /** A folder is for one process. */
  readonly isShared: boolean;
  /** Something answers where UseDevelopmentStorage=true points to. */
  readonly emulatorAnswers: boolean;
  /** An emulator that a host started for this app left data. */
  readonly hasEmulatorData: boolean;
  /** The hub in the folder has instances, or a host works on it. */
  readonly hasFolderHub: boolean;
  /** Functions of the app use queues, blobs or tables of development storage. */
  readonly needsEmulator: boolean;
}

export interface HubStore {
  /** With the place of the hub, which `storeSetting` may have left open. */
  readonly config: Config;
  /** Whether the hub, or functions of the app, are in development storage. */
  readonly usesEmulator: boolean;
  /** Names of the functions that are. */
  readonly inEmulator: readonly string[];
  /** For people: what they should know of where the hub is, when nobody said it; undefined when there is nothing. */
  readonly reason: string | undefined;
  /** Whether there is, or may be, a hub in the other place, too. */
  readonly isAmbiguous: boolean;
}

export function chooseStore(facts: StoreFacts): 'folder' | 'emulator' {
  if (facts.isShared) return 'emulator';
  if (facts.hasFolderHub) return 'folder';
  if (facts.emulatorAnswers || facts.hasEmulatorData) return 'emulator';
  return facts.needsEmulator ? 'emulator' : 'folder';
}

/**
 * @param functions of the app, as far as they are known. @default none
 * @throws {BackendUnavailableError} when only a part of the emulator answers.
 * @throws {DurableError} `CONFIG`, when there is a hub in the folder that cannot be read.
 */
export async function findHubStore(
  config: Config,
  functions: readonly DeclaredBindings[] = [],
): Promise<HubStore> {
  const inEmulator = functionsInDevelopmentStorage(config, functions);
  const needsEmulator = inEmulator.length > 0;
  const isInEmulator = config.connection?.account.isDevelopmentStorage === true;
  // In memory, nothing begins that would stay: who wants that names it.
  const isKept = config.connection !== undefined || config.localFolder !== undefined;
  const said = {
    config,
    usesEmulator: isInEmulator || (isKept && needsEmulator),
    inEmulator,
    isAmbiguous: false,
  };
  switch (config.storeSetting) {
    case 'named':
      return { ...said, reason: undefined };
    case 'nothing':
      return { ...said, reason: withoutAccount(config) };
    case 'emulator': {
      const facts: StoreFacts = {
        isShared: workerProcessCount(config) > 1,
        emulatorAnswers: await developmentStorageAnswers(),
        hasEmulatorData: hasFiles(emulatorFolder(config)),
        hasFolderHub: await hasFolderHub(config),
        needsEmulator,
      };
      if (chooseStore(facts) === 'emulator') {
        const { hasFolderHub: isAmbiguous } = facts;
        return { ...said, isAmbiguous, reason: isAmbiguous ? notShared(config) : undefined };
      }
      return {
        ...said,
        config: { ...config, connection: undefined, localFolder: config.hubsFolder },
        usesEmulator: needsEmulator,
        reason: inFolder(config, facts),
        isAmbiguous: facts.hasFolderHub && (facts.emulatorAnswers || facts.hasEmulatorData),
      };
    }
  }
}

/** Where the hub is, for the banner; never the connection string, which holds the key. */
export function storeText({ connection, localFolder }: Config): string {
  if (localFolder !== undefined) return localFolder;
  return connection === undefined
    ? 'memory (gone when the host stops)'
    : describeAccount(connection);
}

function withoutAccount(config: Config): string {
  const untouched = hasFiles(emulatorFolder(config))
    ? ` What an emulator kept in ${emulatorFolder(config)} is untouched.`
    : '';
  return `AzureWebJobsStorage is not set: the task hub is in ${config.hubsFolder}. To have it in a storage account, set AzureWebJobsStorage to a connection string; in the emulator, to UseDevelopmentStorage=true, and run that first (npx azurite).${untouched}`;
}

function notShared({ hubsFolder }: Config): string {
  return `Several processes share the task hub (FUNCTIONS_WORKER_PROCESS_COUNT): it is in the emulator. What is in ${hubsFolder} stays there; export and import of func durable move it.`;
}

function inFolder(config: Config, facts: StoreFacts): string {
  const { hubsFolder } = config;
  const elsewhere =
    'With --storage azure it is in the emulator; export and import of func durable move it.';
  if (facts.hasFolderHub && facts.emulatorAnswers) {
    return `The emulator answers for UseDevelopmentStorage=true, but the task hub stays in ${hubsFolder}, where its instances are. ${elsewhere}`;
  }
  if (facts.hasFolderHub && facts.hasEmulatorData) {
    return `An emulator left data in ${emulatorFolder(config)}, but the task hub stays in ${hubsFolder}, where its instances are. ${elsewhere}`;
  }
  return `Nothing answers for UseDevelopmentStorage=true: the task hub is in ${hubsFolder}. To have it in the emulator, run that first (npx azurite), or use --storage azure.`;
}

function hasFiles(folder: string): boolean {
  return existsSync(folder) && readdirSync(folder).length > 0;
}

async function hasFolderHub({ hubsFolder, durableTask }: Config): Promise<boolean> {
  const hub = createLocalBackend({
    path: hubsFolder,
    taskHub: durableTask.hubName,
    log: silentLogger,
  });
  try {
    if (!(await hub.hubExists())) return false;
    const { instances } = await hub.listInstances({
      pageSize: 1,
      includeInput: false,
      includeOutput: false,
    });
    return instances.length > 0 || (await hub.listHubUsers()).length > 0;
  } finally {
    await hub.stop();
  }
}
