/** The storage emulator of this machine: started when the configuration points to it and nothing answers. */
import path from 'node:path';
import type { Config } from '../config/config.ts';
import { developmentStorageAnswers, startAzurite, type Azurite } from './azurite.ts';

export type Emulator = Pick<Azurite, 'died' | 'stop'>;

export type StartEmulator = (options: { readonly location: string }) => Promise<Emulator>;

/** Ours when nothing answered where `UseDevelopmentStorage=true` points to; undefined otherwise. */
export async function startMissingEmulator(
  config: Config,
  say: (line: string) => void,
  start: StartEmulator = startAzurite,
): Promise<Emulator | undefined> {
  if (config.connection?.account.isDevelopmentStorage !== true) return undefined;
  if (await developmentStorageAnswers()) return undefined;
  const location = emulatorFolder(config);
  say(`Nothing answers for UseDevelopmentStorage=true: starting Azurite, data in ${location}`);
  return start({ location });
}

/** Where an emulator that we start has its data. */
export function emulatorFolder(config: Config): string {
  const folder =
    config.hostJsonPath === undefined ? config.scriptRoot : path.dirname(config.hostJsonPath);
  return path.join(folder, '.azurite');
}
