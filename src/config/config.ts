/** What the rest of the host knows of its configuration: parsed, checked, plain. Durations are milliseconds. */
import type { Environment } from './app-setting.ts';
import type { durableTaskSettings } from './durable-task-settings.ts';
import type { LogLevels } from './host-json.ts';
import type { blobSettings, httpSettings, queueSettings } from './host-settings.ts';
import type { CorsSettings } from './local-settings.ts';
import type { ValuesOf } from './setting-tree.ts';
import type { StorageConnection } from './storage-connection.ts';

export interface Config {
  /** Absolute. */
  readonly scriptRoot: string;
  /** undefined: there is none, and everything has its default. */
  readonly hostJsonPath: string | undefined;
  readonly localSettingsPath: string | undefined;
  /** v1: host.json of Functions 1.x. */
  readonly layout: 'v1' | 'v2';
  readonly http: HttpConfig;
  readonly queues: QueueConfig;
  readonly blobs: ValuesOf<typeof blobSettings>;
  /** undefined: no limit. */
  readonly functionTimeoutMs: number | undefined;
  /** undefined: every function is loaded. Compare without case. */
  readonly functionsAllowList: readonly string[] | undefined;
  /** Whether the app restarts when its files change. */
  readonly isFileWatchingEnabled: boolean;
  /** Relative to the script root; undefined: none. */
  readonly watchDirectories: readonly string[] | undefined;
  /** Names of files, in any folder of the app; undefined: none. */
  readonly watchFiles: readonly string[] | undefined;
  readonly logLevels: LogLevels;
  readonly durableTask: DurableTaskConfig;
  /** undefined when the storage provider is `local` or `memory`. */
  readonly connection: StorageConnection | undefined;
  /** The folder that holds the task hubs when they are in one, absolute; undefined when they are elsewhere. */
  readonly localFolder: string | undefined;
  /** The folder that would hold them, absolute, wherever they are. */
  readonly hubsFolder: string;
  readonly storeSetting: StoreSetting;
  /** What apps see in `process.env`: the environment of the process, then what local.settings.json adds. */
  readonly environment: Environment;
  readonly localHttp: LocalHttpConfig;
  /** One line each: what is ignored or doubtful, and what happens instead. */
  readonly notices: readonly string[];
}

/**
 * Who says where the task hub is stored. `named`: the configuration. `nothing`: neither a storage provider nor an account is
 * configured, and the hub is in a folder. `emulator`: no provider, and for the account UseDevelopmentStorage=true, where nothing may
 * answer; `connection` is that account, and whoever opens the hub may find another place for it (host/hub-store.ts).
 */
export type StoreSetting = 'named' | 'nothing' | 'emulator';

/** `routePrefix` without slashes around it; empty for none. */
type HttpConfig = ValuesOf<typeof httpSettings>;

type QueueConfig = ValuesOf<typeof queueSettings>;

/** `hubName` resolved and checked. */
export type DurableTaskConfig = Omit<ValuesOf<typeof durableTaskSettings>, 'hubName'> & {
  readonly hubName: string;
  /** False when nobody named the hub, and `hubName` is the default of the host. */
  readonly isHubNamed: boolean;
};

interface LocalHttpConfig {
  /** undefined: not configured. */
  readonly port: number | undefined;
  readonly address: string | undefined;
  readonly cors: CorsSettings | undefined;
}
