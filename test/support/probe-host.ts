/** A host of the probe app (test/apps/probe-*) as a process of its own, with a task hub and a folder of its own. */
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { freshHubName } from './azurite.ts';
import { REPOSITORY, startFunc, type FuncProcess } from './func-process.ts';

/** `DURABLE_TEST_STORAGE=local`: the hubs of the probes are in folders; their bindings stay in the emulator. */
export const IS_LOCAL = process.env['DURABLE_TEST_STORAGE'] === 'local';
const LOCAL_PATH = 'AzureFunctionsJobHost__extensions__durableTask__storageProvider__path';

export type Edition = 'probe-classic' | 'probe-v4';

export interface ProbeTarget {
  readonly edition: Edition;
  /** Added to the environment of the host. */
  readonly env?: Readonly<Record<string, string>>;
}

export interface ProbeHost {
  readonly func: FuncProcess;
  /** `http://localhost:<port>` */
  readonly url: string;
  readonly hub: string;
  /** The connection string of the account that the hub is in. */
  readonly storage: string;
  /** Where the functions keep their journal and look for gates. */
  readonly folder: string;
  /** Ends the process, and removes the folder. */
  stop(): Promise<void>;
}

/** Where hubs lie that are in a folder. @param folder of the probe. */
export function hubsOf(folder: string): string {
  return path.join(folder, 'hubs');
}

/** @param from takes hub and folder of a host that was there before. @throws {Error} with what it printed, when it does not start. */
export async function bootProbe(
  { edition, env }: ProbeTarget,
  storage: string,
  from?: Pick<ProbeHost, 'hub' | 'folder'>,
): Promise<ProbeHost> {
  const hub = from?.hub ?? freshHubName('Probe');
  const folder = from?.folder ?? (await mkdtemp(path.join(tmpdir(), 'probe-')));
  const func = await startFunc({
    cwd: path.join(REPOSITORY, 'test/apps', edition),
    ...(IS_LOCAL && { args: ['--storage', 'local'] }),
    env: {
      ...(IS_LOCAL && { [LOCAL_PATH]: hubsOf(folder) }),
      AzureWebJobsStorage: storage,
      AzureFunctionsJobHost__extensions__durableTask__hubName: hub,
      PROBE_DIR: folder,
      ...env,
    },
  });
  return {
    func,
    url: func.url,
    hub,
    storage,
    folder,
    stop: async () => {
      await func.stop();
      await rm(folder, { recursive: true, force: true });
    },
  };
}
