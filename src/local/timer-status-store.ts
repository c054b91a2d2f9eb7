/**
 * The status of timer functions in files beside the hubs of a folder, with the names and the JSON that the .NET host has in its
 * container. A file changes as a whole.
 */
import { randomUUID } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { isRecord, parseJson, withoutBom } from '../base/json.ts';
import { CorruptMessageError } from '../core/errors.ts';

/** Local times in ISO 8601. */
interface StoredTimerStatus {
  readonly Last: string;
  readonly Next: string;
  readonly LastUpdated: string;
}

/** Hubs are folders, too, and their names have no dash. */
const FOLDER = 'timer-status';

/** @param root holds the hubs. */
export function createFileTimerStatusStore(root: string) {
  const fileOf = (functionName: string): string =>
    path.join(root, FOLDER, `Host.Functions.${encodeURIComponent(functionName)}.json`);

  return {
    /**
     * Undefined if the function has none.
     * @throws {CorruptMessageError} if the file holds something else.
     */
    async read(functionName: string): Promise<StoredTimerStatus | undefined> {
      const file = fileOf(functionName);
      try {
        return parseStatus(await readFile(file, 'utf8'), file);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },

    async write(functionName: string, status: StoredTimerStatus): Promise<void> {
      const { Last, Next, LastUpdated } = status;
      const file = fileOf(functionName);
      const draft = `${file}.${randomUUID()}.new`;
      await mkdir(path.dirname(file), { recursive: true });
      try {
        await writeFile(draft, JSON.stringify({ Last, Next, LastUpdated }));
        await rename(draft, file);
      } finally {
        await rm(draft, { force: true });
      }
    },
  };
}

function parseStatus(text: string, file: string): StoredTimerStatus {
  const status = parseJson(withoutBom(text));
  const { Last, Next, LastUpdated } = isRecord(status) ? status : {};
  if (typeof Last === 'string' && typeof Next === 'string' && typeof LastUpdated === 'string') {
    return { Last, Next, LastUpdated };
  }
  throw new CorruptMessageError(
    `The timer status in ${file} lacks one of the texts Last, Next and LastUpdated. Delete the file to begin anew.`,
  );
}
