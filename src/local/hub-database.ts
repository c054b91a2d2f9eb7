/**
 * The database of a task hub in a folder, opened when it is first used. Several processes may have it open. A hub is there as long
 * as its format is written down in it; who finds none in what it has opened looks again, for the hub may have been deleted, and
 * created anew in another file, by another process.
 */
import { randomUUID } from 'node:crypto';
import { mkdirSync, writeFileSync } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { BackendUnavailableError, DurableError } from '../core/errors.ts';
import { checkFreeSpace, freeSpaceNote } from './free-space.ts';
import type { HubHealth } from './hub-health.ts';
import { FORMAT } from './hub-format.ts';
import { GroupCommit, type Plan, type TransactionListener } from './group-commit.ts';
import { checkHubFile } from './hub-file.ts';
import { allTables, type HubTables } from './hub-tables.ts';
import { openFile, type OpenFile } from './open-file.ts';

const FILE_NAME = 'hub.mdb';

export interface HubDatabaseOptions {
  readonly taskHub: string;
  /** Of this hub alone; its parent holds those of other hubs. */
  readonly folder: string;
  readonly health: HubHealth;
  readonly transactions?: TransactionListener | undefined;
}

interface OpenDatabase extends OpenFile {
  readonly commits: GroupCommit;
}

export class HubDatabase {
  readonly #options: HubDatabaseOptions;
  #open: OpenDatabase | undefined;
  #closing: Promise<void> = Promise.resolve();

  constructor(options: HubDatabaseOptions) {
    this.#options = options;
  }

  /** Whether the hub is there. Creates nothing. @throws {DurableError} when its file cannot be read. */
  exists(): boolean {
    return this.#find() !== undefined;
  }

  /** Creates what is missing. @throws {DurableError} when the file cannot be used, and what the system says of the folder. */
  async create(): Promise<void> {
    if (this.exists()) return;
    const { folder } = this.#options;
    try {
      mkdirSync(folder, { recursive: true });
      keepOutOfGit(path.dirname(folder));
    } catch (error) {
      throw this.#failure('created', error);
    }
    const file = path.join(folder, FILE_NAME);
    checkHubFile(file);
    this.#open ??= this.#openFile(file);
    const { tables, commits } = this.#open;
    await this.#guarded(() =>
      commits.write(() => () => {
        tables.meta.putSync('format', String(FORMAT));
      }),
    );
  }

  /** Deletes the hub with everything in it. */
  async delete(): Promise<void> {
    const { folder } = this.#options;
    const trash = path.join(path.dirname(folder), `.deleted-${randomUUID()}`);
    const isMoved = await moveAway(folder, trash);
    if (isMoved === undefined) return;
    // Who has the file open must not go on in it: what is written after the rename is lost with it.
    const database =
      this.#open ?? this.#openIfSound(path.join(isMoved ? trash : folder, FILE_NAME));
    if (database !== undefined) {
      await database.commits.write(() => () => {
        for (const table of allTables(database.tables)) table.clearSync();
      });
    }
    this.#open = undefined;
    await database?.release();
    if (isMoved) await rm(trash, { recursive: true, force: true });
  }

  /**
   * Looks at what is stored now.
   * @throws {BackendUnavailableError} there is no such hub, or it cannot be read.
   */
  read<Result>(look: (tables: HubTables) => Result): Result {
    const found = this.#find();
    if (found === undefined) throw this.#missing();
    try {
      return look(found.tables);
    } catch (error) {
      throw this.#failure('read', error);
    }
  }

  /**
   * Resolves when the changes are on the disk.
   * @param plan see `Plan`: what it throws, is thrown.
   * @throws {BackendUnavailableError} there is no such hub, or it cannot be written; then nothing was changed.
   */
  async write<Result>(plan: (tables: HubTables) => () => Result): Promise<Result> {
    const found = this.#find();
    if (found === undefined) throw this.#missing();
    const { tables, commits } = found;
    const guarded: Plan<Result> = () => {
      // Deleted since it was found, in this very file.
      if (formatOf(tables) === undefined) throw this.#missing();
      return plan(tables);
    };
    return await this.#guarded(() => commits.write(guarded));
  }

  /** Closes the file, until it is used again. */
  async close(): Promise<void> {
    this.#forget();
    await this.#closing;
  }

  async #guarded<Result>(write: () => Promise<Result>): Promise<Result> {
    const { health, folder } = this.#options;
    try {
      checkFreeSpace(folder);
      const result = await write();
      health.worked();
      return result;
    } catch (error) {
      const failure = this.#failure('written', error);
      if (failure instanceof BackendUnavailableError) health.failed(failure.message);
      throw failure;
    }
  }

  #find(): OpenDatabase | undefined {
    if (this.#open !== undefined) {
      // Otherwise what another process wrote in this turn of the event loop would not be seen.
      this.#open.tables.root.resetReadTxn();
      if (formatOf(this.#open.tables) === undefined) this.#forget();
    }
    this.#open ??= this.#openExisting();
    return this.#open;
  }

  #openExisting(): OpenDatabase | undefined {
    const file = path.join(this.#options.folder, FILE_NAME);
    if (!checkHubFile(file)) return undefined;
    const opened = this.#openFile(file);
    if (formatOf(opened.tables) !== undefined) return opened;
    void opened.release();
    return undefined;
  }

  #openIfSound(file: string): OpenDatabase | undefined {
    try {
      return checkHubFile(file) ? this.#openFile(file) : undefined;
    } catch (error) {
      // Nobody can have it open, and so nobody is to be told.
      if (error instanceof DurableError) return undefined;
      throw error;
    }
  }

  /** @throws {DurableError} `CONFIG`, for what a newer version wrote; otherwise what the system says. */
  #openFile(file: string): OpenDatabase {
    try {
      const { tables, release } = openFile(file);
      return { tables, release, commits: new GroupCommit(tables.root, this.#options.transactions) };
    } catch (error) {
      throw this.#failure('opened', error);
    }
  }

  #forget(): void {
    const database = this.#open;
    if (database === undefined) return;
    this.#open = undefined;
    this.#closing = this.#closing
      .then(() => database.commits.settled())
      .then(() => database.release());
  }

  #missing(): BackendUnavailableError {
    const { taskHub, folder } = this.#options;
    return new BackendUnavailableError(`There is no task hub '${taskHub}' in ${folder}.`);
  }

  #failure(what: 'created' | 'opened' | 'read' | 'written', error: unknown): DurableError {
    if (error instanceof DurableError) return error;
    const { taskHub, folder } = this.#options;
    const text = error instanceof Error ? error.message : String(error);
    const reason = what === 'written' ? `${text}${freeSpaceNote(folder)}` : text;
    return new BackendUnavailableError(
      `The task hub '${taskHub}' in ${folder} could not be ${what}: ${reason}`,
      { cause: error, isTold: what === 'written' },
    );
  }
}

function formatOf({ meta }: Pick<HubTables, 'meta'>): string | undefined {
  return meta.get('format');
}

/** @returns false where folders that are in use cannot be moved; undefined when there is none. */
async function moveAway(from: string, to: string): Promise<boolean | undefined> {
  try {
    await rename(from, to);
    return true;
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException;
    if (code === 'ENOENT') return undefined;
    if (code === 'EPERM' || code === 'EBUSY' || code === 'EACCES') return false;
    throw error;
  }
}

function keepOutOfGit(folder: string): void {
  try {
    writeFileSync(path.join(folder, '.gitignore'), '*\n', { flag: 'wx' });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
  }
}
