/** What the supervisor of `func start` and the processes of the host tell each other. */
import type { EmulatorLaunch } from '../emulator.ts';

/** Which files of the app count, as the configuration has it. All paths are absolute. */
export interface WatchedApp {
  readonly scriptRoot: string;
  /** Files that count wherever they lie: host.json and local.settings.json may be in a parent of the script root. */
  readonly settingFiles: readonly string[];
  /** Folders in which every file counts. */
  readonly directories: readonly string[];
  /** Names of files that count in every folder of the app. */
  readonly fileNames: readonly string[];
  readonly isEnabled: boolean;
}

export type ToHost =
  /** Take no new work, finish what runs, end. */
  | { readonly kind: 'drain' }
  /** Leave what still runs to the next host, visible at once, and end. */
  | { readonly kind: 'handOver' }
  /** End now. */
  | { readonly kind: 'abort' }
  /** A connection of the port that all processes share comes with it; the answer is `connectionTaken`. */
  | { readonly kind: 'connection' }
  | { readonly kind: 'portOpen'; readonly port: number }
  | { readonly kind: 'portRefused'; readonly message: string }
  | { readonly kind: 'emulatorStarted' }
  | { readonly kind: 'emulatorFailed'; readonly message: string };

export type ToSupervisor =
  | {
      readonly kind: 'configured';
      readonly app: WatchedApp;
      /** In how many processes the app is to run. */
      readonly processCount: number;
    }
  /** The public port outlives the host, so it is the supervisor's. 0 takes any free port. */
  | { readonly kind: 'portWanted'; readonly port: number; readonly hostname?: string }
  | { readonly kind: 'connectionTaken' }
  /** The storage emulator outlives the host, so it is the supervisor's. */
  | { readonly kind: 'emulatorWanted'; readonly launch: EmulatorLaunch }
  | {
      readonly kind: 'started';
      readonly port: number;
      /** What could not be loaded. */
      readonly broken: readonly string[];
      /** Whether the host works on the hub although that could not be loaded. */
      readonly isWorking: boolean;
    }
  /** The host ends its process, and knows why. One that ends without this word has not ended by itself. */
  | { readonly kind: 'ending' };
