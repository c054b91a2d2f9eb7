/** Watches the files of an app, and tells of changes once they have come to rest: editors and compilers write many files. */
import { watch, type FSWatcher } from 'chokidar';
import type { Stats } from 'node:fs';
import { readdir, stat } from 'node:fs/promises';
import path from 'node:path';
import { isAppFile, isUnwatched } from './app-files.ts';
import type { WatchedApp } from './messages.ts';

const QUIET_MS = 250;
/** The clock of a file system may be this much behind. */
const COARSE_CLOCK_MS = 20;

export interface AppWatchOptions {
  readonly app: WatchedApp;
  /** A file that is newer than this when the watch begins has changed, in ms since the epoch. */
  readonly sinceMs: number;
  /** Files that changed, absolute, once nothing has changed for a moment. */
  readonly onChange: (files: readonly string[]) => void;
  /** The system refuses to watch: too many files, say. */
  readonly onError: (error: unknown) => void;
}

export class AppWatch {
  readonly #options: AppWatchOptions;
  readonly #watcher: FSWatcher;
  /** When each file was last seen to change: the watcher also tells of files that did not. */
  readonly #seen = new Map<string, number>();
  #changed = new Set<string>();
  #timer: NodeJS.Timeout | undefined;

  constructor(options: AppWatchOptions) {
    const { app } = options;
    this.#options = options;
    this.#watcher = watch(app.scriptRoot, {
      alwaysStat: true,
      ignorePermissionErrors: true,
      ignored: (file, stats) =>
        isUnwatched(file, app) || (stats?.isFile() === true && !isAppFile(file, app)),
    });
    this.#watcher.on('error', options.onError);
    this.#watcher.once('ready', () => {
      this.#watcher.add([...app.settingFiles, ...app.directories]);
      this.#lookAround(app.scriptRoot).catch(options.onError);
    });
    this.#watcher.on('add', (file, stats) => {
      this.#see(file, stats);
    });
    this.#watcher.on('change', (file, stats) => {
      this.#see(file, stats);
    });
    this.#watcher.on('unlink', (file) => {
      this.#seen.delete(file);
      this.#note(file);
    });
  }

  async close(): Promise<void> {
    clearTimeout(this.#timer);
    await this.#watcher.close();
  }

  /**
   * At the beginning every file is told of: only one that changed meanwhile is news. The time that counts is that of the
   * change of the entry: a file that is copied or moved here may be old.
   */
  #see(file: string, stats: Stats | undefined): void {
    const changedMs = stats?.ctimeMs ?? Date.now();
    const seenMs = this.#seen.get(file) ?? this.#options.sinceMs - COARSE_CLOCK_MS;
    this.#seen.set(file, changedMs);
    if (changedMs > seenMs) this.#note(file);
  }

  /** The watcher reads a folder before it listens to it: what came in between is found here. */
  async #lookAround(folder: string): Promise<void> {
    const entries = await readdir(folder, { withFileTypes: true });
    for (const entry of entries) {
      const file = path.join(folder, entry.name);
      if (isUnwatched(file, this.#options.app)) continue;
      if (entry.isDirectory()) await this.#lookAround(file);
      else if (isAppFile(file, this.#options.app)) this.#see(file, await stat(file));
    }
  }

  #note(file: string): void {
    if (!isAppFile(file, this.#options.app)) return;
    this.#changed.add(file);
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => {
      const files = [...this.#changed];
      this.#changed = new Set();
      this.#options.onChange(files);
    }, QUIET_MS);
  }
}
