/**
 * The files of hubs that are open in this process, each once, for however many backends use it. A transaction of the library runs
 * on a thread that holds the lock of the file and has its changes made on the main one; to open the file once more takes the same
 * lock, on the main thread: the two would wait for each other for ever.
 */
import { statSync } from 'node:fs';
import { open, type RootDatabase } from 'lmdb';
import { bringUpToDate } from './hub-format.ts';
import { type HubTables, MAX_TABLES, openTables } from './hub-tables.ts';

export interface OpenFile {
  readonly tables: HubTables;
  /** This user is done with it, and none of its writes is under way. The last one closes the file. */
  readonly release: () => Promise<void>;
}

interface SharedFile {
  readonly identity: string | undefined;
  readonly tables: HubTables;
  users: number;
}

/** Address space, not memory and not disk: the file grows as it needs. */
const MAP_BYTES = 2 ** 40;

/** By identity. One that was deleted keeps its own until it is closed here, so that a new one of its name is another one. */
const shared = new Map<string, SharedFile>();

/**
 * Creates the file when it is not there.
 * @throws {DurableError} `CONFIG`, for what a newer version wrote; otherwise what the system says.
 */
export function openFile(file: string): OpenFile {
  return useOf(shared.get(identityOf(file) ?? '') ?? openFirst(file));
}

function openFirst(file: string): SharedFile {
  const root = openRoot(file);
  try {
    bringUpToDate(root, file);
    const identity = identityOf(file);
    const opened = { identity, tables: openTables(root), users: 0 };
    if (identity !== undefined) shared.set(identity, opened);
    return opened;
  } catch (error) {
    void root.close();
    throw error;
  }
}

function useOf(file: SharedFile): OpenFile {
  const { identity, tables } = file;
  file.users += 1;
  let isReleased = false;
  return {
    tables,
    async release() {
      if (isReleased) return;
      isReleased = true;
      file.users -= 1;
      if (file.users > 0) return;
      // Nothing is under way: whoever opens the file from now on waits for nobody.
      if (identity !== undefined) shared.delete(identity);
      await tables.root.close();
    },
  };
}

function openRoot(file: string): RootDatabase<string, string> {
  return open<string, string>({
    path: file,
    noSubdir: true,
    maxDbs: MAX_TABLES,
    mapSize: MAP_BYTES,
    encoding: 'string',
    // What is acknowledged is on the disk.
    overlappingSync: false,
    // Who writes waits for all of it (group-commit.ts): batches of the library would only leave rejections that nobody hears.
    eventTurnBatching: false,
  });
}

/** Device and number of the file. */
function identityOf(file: string): string | undefined {
  const found = statSync(file, { throwIfNoEntry: false, bigint: true });
  return found && `${found.dev}:${found.ino}`;
}
