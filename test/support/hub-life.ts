/**
 * A hub on which workers come and go as processes, each behind a proxy of its own that records what it reads, while instances of every
 * kind run (`hub-load.ts`). The app is `test/apps/hub-moves`.
 */
import { readdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import type { AzureStorageBackendOptions } from '../../src/azure-storage/azure-storage-backend.ts';
import { AzureHub } from './azure-hub.ts';
import { azuriteConnectionString, freshHubName } from './azurite.ts';
import { startDotnetExtension } from './dotnet-extension.ts';
import { eventually } from './eventually.ts';
import { HubLoad, type BatchOptions, type Outcome } from './hub-load.ts';
import { startFunc } from './func-process.ts';
import { startHubProcess } from './hub-process.ts';
import { OwnershipRecord, type WatchedWorker } from './ownership-record.ts';
import { createScratchApp, type ScratchApp } from './scratch-app.ts';
import { TRIGGER_SETTINGS } from './sdk-app.ts';

export interface Launched {
  readonly signal: (name: NodeJS.Signals) => void;
  readonly exited: Promise<unknown>;
}

export interface LaunchOptions {
  readonly app: ScratchApp;
  readonly hub: AzureHub;
  readonly connectionString: string;
  /** What the app needs, and the clock of the worker. */
  readonly env: Readonly<Record<string, string>>;
  /** To be told of the process before it asks storage for anything; .NET workers need not. */
  readonly onSpawn: (pid: number | undefined) => void;
}

export type Launch = (options: LaunchOptions) => Promise<Launched>;

export interface LifeOptions {
  /** How partitions are shared, and what else of the storage is not as ever. @default as ever */
  readonly storage?: Partial<AzureStorageBackendOptions>;
  /** Files of the app beside its own, see `createScratchApp`. */
  readonly copyOf?: string;
}

export interface Worker extends WatchedWorker {
  readonly process: Launched;
}

export const LOOK_MS = 1_000;

/** What the dead had fetched comes back soon. */
export const SHORT_LOCKS = {
  selfLeaseMs: 6_000,
  controlQueueVisibilityTimeoutMs: 6_000,
  workItemQueueVisibilityTimeoutMs: 6_000,
} as const;
const PATIENCE = { timeoutMs: 60_000, intervalMs: 100 };
const APP = path.join(import.meta.dirname, '../apps/hub-moves');
const CLOCK = path.join(import.meta.dirname, 'clock-ahead.js');

/** A worker of the build without a host: it may have its locks end soon, which a host may not. */
export const launchWorker: Launch = ({ app, hub, connectionString, env, onSpawn }) => {
  const { log: _log, ...storage } = hub.options;
  return startHubProcess(
    {
      scriptRoot: app.folder,
      storage: { ...storage, account: connectionString },
      triggers: TRIGGER_SETTINGS,
      commitWindowMs: 100,
      logFile: path.join(app.folder, `${env['WORKER'] ?? ''}.log`),
    },
    env,
    onSpawn,
  );
};

/** A host, whose leases and locks last long: where nobody dies. */
export const launchHost: Launch = ({ app, hub, connectionString, env, onSpawn }) => {
  const prefix = 'AzureFunctionsJobHost__extensions__durableTask__';
  return startFunc({
    cwd: app.folder,
    // One process: it is the worker, too.
    args: ['--no-reload'],
    env: {
      ...env,
      AzureWebJobsStorage: connectionString,
      [`${prefix}hubName`]: hub.options.taskHub,
      [`${prefix}storageProvider__leaseInterval`]: '00:01:00',
      [`${prefix}storageProvider__leaseAcquireInterval`]: '00:00:01',
      [`${prefix}storageProvider__maxQueuePollingInterval`]: '00:00:01',
    },
    onSpawn,
  });
};

/** The .NET extension with the same app. A copy of its node folder has to be there: see `LifeOptions`. */
export const launchDotnet: Launch = async ({ app, hub, connectionString, env }) => {
  const { taskHub } = hub.options;
  const settings = { MAXPOLL: '1', ...env };
  const options = { app, connectionString, hub: taskHub, main: 'main.js', env: settings };
  const dotnet = await startDotnetExtension(options);
  let stopped: Promise<void> | undefined;
  let tell: () => void = () => undefined;
  const exited = new Promise<void>((resolve) => (tell = resolve));
  return { signal: () => void (stopped ??= dotnet.stop().then(tell)), exited };
};

export class HubLife {
  readonly record = new OwnershipRecord();
  readonly load: HubLoad;
  readonly hub: AzureHub;
  readonly app: ScratchApp;
  readonly #running = new Map<string, Worker>();

  private constructor(hub: AzureHub, load: HubLoad, app: ScratchApp) {
    this.hub = hub;
    this.load = load;
    this.app = app;
  }

  /** Whoever is still there at the end is killed. */
  static async begin({ storage, copyOf = APP }: LifeOptions = {}): Promise<HubLife> {
    const taskHub = freshHubName('Moves');
    const hub = new AzureHub({ taskHub, partitionCount: 4, ...storage });
    await hub.backend.createHub();
    const app = await createScratchApp({
      copyOf,
      files: {
        'package.json': { name: 'hub-moves', main: 'main.js' },
        'main.js': await readFile(path.join(APP, 'main.js'), 'utf8'),
      },
      packages: {
        'durable-functions': 'durable-functions',
        '@azure/functions': '@azure/functions',
      },
    });
    return new HubLife(hub, await HubLoad.create(hub), app);
  }

  async end(): Promise<void> {
    for (const worker of this.#running.values()) await this.kill(worker);
    await this.hub.backend.deleteHub({ force: true });
    await this.load.dispose();
    await this.app.remove();
  }

  async join(name: string, launch: Launch, clockAheadMs = 0): Promise<Worker> {
    const watched = await this.record.watch(name, azuriteConnectionString());
    const { connectionString } = watched;
    const clock = { CLOCK_AHEAD_MS: String(clockAheadMs), NODE_OPTIONS: `--import ${CLOCK}` };
    const launched = await launch({
      app: this.app,
      hub: this.hub,
      connectionString,
      env: { JOURNAL: this.load.journal, WORKER: name, ...(clockAheadMs !== 0 && clock) },
      onSpawn: (pid) => (watched.pid = pid),
    });
    const worker = { ...watched, process: launched };
    this.#running.set(name, worker);
    return worker;
  }

  /** The worker stops by itself, and lets go of what it has. */
  leave(worker: Worker): Promise<void> {
    return this.#end(worker, 'SIGTERM');
  }

  kill(worker: Worker): Promise<void> {
    return this.#end(worker, 'SIGKILL');
  }

  /** Waits until these read so many partitions each, and nobody else does any. */
  async untilShared(...expected: readonly (readonly [Worker, number])[]): Promise<void> {
    const wanted = expected.map(([{ name }, count]) => [name, count]).sort();
    await eventually(() => {
      const found = [...this.record.shares()].map(([name, { length }]) => [name, length]).sort();
      if (JSON.stringify(found) === JSON.stringify(wanted)) return true;
      throw new Error(`partitions are shared so: ${JSON.stringify(found)}`);
    }, PATIENCE);
  }

  /** Two batches at a time, the next one when one has ended. @returns what ends it, and tells what became of all. */
  keepBusy(options: BatchOptions): () => Promise<Outcome> {
    const state = { isOver: false };
    const outcomes: Outcome[] = [];
    const oneAfterTheOther = async (): Promise<void> => {
      while (!state.isOver) {
        const { outcome } = await this.load.begin(options);
        outcomes.push(await outcome());
      }
    };
    const busy = Promise.all([oneAfterTheOther(), oneAfterTheOther()]);
    // Whoever ends it is told.
    busy.catch(() => undefined);
    return async () => {
      state.isOver = true;
      await busy;
      return {
        instances: outcomes.reduce((sum, { instances }) => sum + instances, 0),
        faults: outcomes.flatMap(({ faults }) => faults),
      };
    };
  }

  /** What workers without a host warned of. */
  async warnings(): Promise<string> {
    const names = (await readdir(this.app.folder)).filter((name) => name.endsWith('.log'));
    const texts = names.map(async (name) => {
      const text = await readFile(path.join(this.app.folder, name), 'utf8');
      return text.replaceAll(/^(?=.)/gm, `${name} `);
    });
    return (await Promise.all(texts)).join('');
  }

  /** For whoever runs it by hand, to see that something has happened. */
  async report(what: string): Promise<void> {
    const { byWorker, all } = await this.load.runs();
    const { moves, longestUnread, reads } = this.record;
    const again = [...all.values()].filter((times) => times > 1).length;
    const said = { activities: all.size, again, byWorker, reads, moves, longestUnread };
    process.stderr.write(`${what}: ${JSON.stringify(said)}\n`);
  }

  async #end(worker: Worker, signal: NodeJS.Signals): Promise<void> {
    worker.process.signal(signal);
    await worker.process.exited;
    this.#running.delete(worker.name);
    await worker.stop();
  }
}
