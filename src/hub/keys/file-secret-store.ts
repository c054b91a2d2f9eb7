/**
 * Keys in files that only this user may read. A document appears, and changes, as a whole: it is written beside its place and then
 * linked or renamed. Between the look at the version and the rename another process could rename too; then the later one counts.
 * Mirrors FileSystemSecretsRepository.
 */
import { createHash, randomUUID } from 'node:crypto';
import {
  constants,
  copyFile,
  link,
  mkdir,
  readFile,
  rename,
  rm,
  writeFile,
} from 'node:fs/promises';
import path from 'node:path';
import type { SecretStore, StoredSecrets } from '../../http/keys/secret-store.ts';

const PRIVATE_FILE = 0o600;
const PRIVATE_FOLDER = 0o700;

/** @param folder is created, with a .gitignore, when the first key is written. */
export function createFileSecretStore(folder: string): SecretStore {
  const read = async (name: string): Promise<StoredSecrets | undefined> => {
    try {
      const text = await readFile(path.join(folder, name), 'utf8');
      return { text, version: createHash('sha256').update(text).digest('hex') };
    } catch (error) {
      if (isErrno(error, 'ENOENT')) return undefined;
      throw error;
    }
  };
  return {
    place: folder,
    read,
    write: async (name, text, version) => {
      await mkdir(folder, { recursive: true, mode: PRIVATE_FOLDER });
      await keepOutOfGit(folder);
      const file = path.join(folder, name);
      const draft = `${file}.${randomUUID()}.new`;
      await writeFile(draft, text, { mode: PRIVATE_FILE, flag: 'wx' });
      try {
        if (version === undefined) return await create(draft, file);
        if ((await read(name))?.version !== version) return false;
        await rename(draft, file);
        return true;
      } finally {
        await rm(draft, { force: true });
      }
    },
  };
}

/** Unlike a rename, neither replaces what is there. Where there are no hard links (network shares), the copy grows in its place. */
const EXCLUSIVE = [link, (from: string, to: string) => copyFile(from, to, constants.COPYFILE_EXCL)];

async function create(draft: string, file: string): Promise<boolean> {
  const failures: unknown[] = [];
  for (const put of EXCLUSIVE) {
    try {
      await put(draft, file);
      return true;
    } catch (error) {
      if (isErrno(error, 'EEXIST')) return false;
      failures.push(error);
    }
  }
  throw failures.at(-1);
}

async function keepOutOfGit(folder: string): Promise<void> {
  try {
    await writeFile(path.join(folder, '.gitignore'), '*\n', { flag: 'wx' });
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error;
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && (error as NodeJS.ErrnoException).code === code;
}
