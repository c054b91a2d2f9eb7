/** The storage emulator of this machine: started when something of the app is in it and nothing answers. */
import path from 'node:path';
import { OWN_FOLDER } from '../base/own-package.ts';
import type { Config } from '../config/config.ts';
import { BackendUnavailableError } from '../core/errors.ts';
import { fileOfPackage } from '../function-app/optional-package.ts';
import { developmentStorageAnswers, startAzurite, type Azurite } from './azurite.ts';

export type Emulator = Pick<Azurite, 'died' | 'stop'>;

export interface EmulatorLaunch {
  /** The main file of Azurite. */
  readonly program: string;
  /** Folder for its data. */
  readonly location: string;
}

export type StartEmulator = (launch: EmulatorLaunch) => Promise<Emulator>;

/**
 * Ours when nothing answered where `UseDevelopmentStorage=true` points to; undefined otherwise.
 * @param store what is to be in it: the functions by name, besides the task hub.
 * @throws {BackendUnavailableError} Azurite is not installed, or does not start.
 */
export async function startMissingEmulator(
  { config, inEmulator }: { readonly config: Config; readonly inEmulator: readonly string[] },
  say: (line: string) => void,
  start: StartEmulator = startAzurite,
): Promise<Emulator | undefined> {
  if (await developmentStorageAnswers()) return undefined;
  const program = findAzurite([config.scriptRoot, OWN_FOLDER], inEmulator);
  const location = emulatorFolder(config);
  say(`Nothing answers for UseDevelopmentStorage=true: starting Azurite, data in ${location}`);
  return start({ program, location });
}

/**
 * The main file of Azurite: it is not one of our dependencies, since it weighs more than they do together, and few apps need it.
 * @param folders where it is looked for, with their node_modules.
 * @param functions that need it, by name; the task hub does when there are none.
 * @throws {BackendUnavailableError} when it is not installed.
 */
export function findAzurite(folders: readonly string[], functions: readonly string[]): string {
  const program = fileOfPackage('azurite/dist/src/azurite.js', folders);
  if (program !== undefined) return program;
  throw new BackendUnavailableError(
    `${whoNeedsIt(functions)} needs the storage emulator, nothing answers for UseDevelopmentStorage=true, and Azurite is not installed. Install it in the app (npm install --save-dev azurite), or give the connection a storage account: its setting (AzureWebJobsStorage, where none is named) takes a connection string.`,
  );
}

function whoNeedsIt([first, ...others]: readonly string[]): string {
  if (first === undefined) return 'The task hub';
  return `The function '${first}'${others.length === 0 ? '' : `, like ${others.length} more,`}`;
}

/** Where an emulator that we start has its data. */
export function emulatorFolder(config: Config): string {
  const folder =
    config.hostJsonPath === undefined ? config.scriptRoot : path.dirname(config.hostJsonPath);
  return path.join(folder, '.azurite');
}
